"""Sign-up and sign-in: allauth's forms, pages and second factor, with the site's own labels."""
