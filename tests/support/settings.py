"""Settings for tests in this process; pytest loads them before anything else.

Variables of the environment about the site are replaced, so that a developer's own settings change no test. DATABASE_URL
stays: script/test uses it to run the same tests on PostgreSQL. Sites that tests start (tests/support/stack.py) use
config.settings with their own environment.
"""

import atexit
import os
import shutil
import tempfile

_var_dir = tempfile.mkdtemp(prefix="hsp-tests-")
atexit.register(shutil.rmtree, _var_dir, ignore_errors=True)

for _name in ("ALLOWED_HOSTS", "DEFAULT_FROM_EMAIL", "EMAIL_URL", "LOG_LEVEL", "MODERATION_POLICY", "REDIS_URL"):
    os.environ.pop(_name, None)
os.environ.update(
    DEBUG="false",
    SECRET_KEY="tests-only-0123456789-abcdefghijklmnopqrstuvwxyz-0123456789",
    SITE_URL="https://testserver",
    ALLOWED_HOSTS="testserver,127.0.0.1",
    EMAIL_URL="smtp://127.0.0.1:9",  # nobody listens there; tests that want mail start a server
    VAR_DIR=_var_dir,
    UNDO_SECONDS="0",  # mails about decisions are due at once
    REPLY_MAIL_MINUTES="0",  # and each reply is mailed at once
    STEADY_MILLISECONDS="0",  # responses are not delayed
)

from config.settings import *  # noqa: E402, F403 - after the environment, all of them

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # fast; real ones are slow on purpose
INSTALLED_APPS = [*INSTALLED_APPS, "tests.support.emptying"]  # noqa: F405 - its flush may empty the log
