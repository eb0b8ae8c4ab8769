"""Forms, guards and page parts that several parts of the site use."""
