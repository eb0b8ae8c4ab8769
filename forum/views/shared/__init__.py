"""Forms, guards and page parts shared by several packages of views."""
