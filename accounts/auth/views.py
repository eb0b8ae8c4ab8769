"""Where allauth's own pages do not keep the house's promises."""

from typing import Any

from allauth.account.views import ConfirmEmailView


class ConfirmEmail(ConfirmEmailView):
    """The page that a confirmation link opens: a button. allauth would sign another person out on GET already."""

    def logout_other_user(self, confirmation: Any) -> None:
        """End another person's session only when the button is pressed (DESIGN 4, promise 3)."""
        if self.request.method == "POST":
            super().logout_other_user(confirmation)
