"""Preparation of a site before it starts: migrations and first content.

One process for all of it: starting Django is most of what each command costs. Arguments: the management commands, each
with its options, such as `migrate "demo_people --flag"`.
"""

import os
import shlex
import sys

from common import ROOT, stop


def main() -> None:
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import call_command
    from django.core.management.base import CommandError
    from django.db.utils import OperationalError

    try:
        django.setup()
        for line in sys.argv[1:]:
            name, *options = shlex.split(line)
            call_command(name, *options, verbosity=0)
    except ImproperlyConfigured as error:
        raise stop(f"The settings are not right. {error}") from None
    except OperationalError as error:
        raise stop(f"The database cannot be used: {error}") from None
    except CommandError as error:
        raise stop(f"The site could not be prepared: {error}") from None


if __name__ == "__main__":
    main()
