"""Django settings. Values come from environment variables (docs/configuration.md); wrong ones are refused."""

from pathlib import Path
from urllib.parse import urlsplit

from config import environment, inbound
from config.fixed import *  # noqa: F403 - these are settings, too
from config.logging import logging_config

BASE_DIR = environment.BASE_DIR
# DEBUG in the environment means development: demo people, /dev/mail/, plain http. Django's own DEBUG stays off, so that
# developers see the error pages that readers see; TECHNICAL_ERRORS turns it on.
DEVELOPMENT = environment.boolean("DEBUG", False)
DEBUG = DEVELOPMENT and environment.boolean("TECHNICAL_ERRORS", False)
VAR_DIR = Path(environment.text("VAR_DIR") or BASE_DIR / "var").resolve()
VAR_DIR.mkdir(parents=True, exist_ok=True)

SECRET_KEY = environment.secret_key(DEVELOPMENT, VAR_DIR)
SITE_URL = environment.site_url(DEVELOPMENT)
# The deployed version; a change invalidates pages in browser caches.
RELEASE = environment.text("RELEASE", "development")
SITE_NAME = "HSP Community"
# Bearer token of /metrics; without one, that page does not exist.
METRICS_TOKEN = environment.metrics_token()
SITE_HOST = urlsplit(SITE_URL).hostname or "localhost"
LOCAL_HOSTS = ",localhost,127.0.0.1,[::1]" if DEVELOPMENT else ""
ALLOWED_HOSTS = [host.strip() for host in environment.text("ALLOWED_HOSTS", SITE_HOST + LOCAL_HOSTS).split(",") if host]
if "*" in ALLOWED_HOSTS and not DEVELOPMENT:
    raise environment.refuse("ALLOWED_HOSTS", "must name the site's hosts; * would let anybody forge links in mail.")

INSTALLED_APPS = [
    "accounts",
    "articles",
    "forum",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_htmx",
]

MIDDLEWARE = [
    "forum.middleware.RequestLogMiddleware",
    "accounts.auth.middleware.SteadyAnswerMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "forum.middleware.ClosedAccountMiddleware",
    "accounts.auth.middleware.DeviceMiddleware",
    "accounts.auth.middleware.SecondFactorMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.context.site",
            ]
        },
    }
]

DATABASES = {"default": environment.database(VAR_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEVELOPMENT
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
MEDIA_ROOT = VAR_DIR / "media"
WHITENOISE_USE_FINDERS = DEVELOPMENT
# Static files are read once at the start: no request then searches directories.
WHITENOISE_AUTOREFRESH = False

# --- Redis: rate limits, the worker's heartbeat and Celery's queue. forum.redis_guard keeps it from ever making a
# request wait: DESIGN 4, promise 8.
REDIS_URL = environment.redis_url(VAR_DIR)
CACHES = {
    "default": {
        "BACKEND": "forum.redis_guard.GuardedRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "hsp",
        "OPTIONS": {"socket_timeout": 0.25, "socket_connect_timeout": 0.25},
    },
    # Parts of pages that are the same for everybody, kept in each process; the key changes with what they show.
    "pages": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "pages"},
}

CELERY_BROKER_URL = environment.broker_url(REDIS_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 120,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,
    "socket_connect_timeout": 0.5,
    "socket_keepalive": not CELERY_BROKER_URL.startswith("redis+socket"),
    "health_check_interval": 10,
}
CELERY_TASK_DEFAULT_QUEUE = "celery"
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
# Acknowledged when a task begins: the outbox tells what is unsent, not the queue. With late acknowledgement Celery
# kills a task when Redis is lost, perhaps between the mail server's 250 and our UPDATE: the mail would be sent twice.
CELERY_TASK_ACKS_LATE = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 45
CELERY_TASK_TIME_LIMIT = 60
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
# Queue entries expire: a late run is useless, since the next sweep publishes all unsent mails again.
SWEEP_SECONDS = environment.number("SWEEP_SECONDS", 15, 1, 600)
HEARTBEAT_SECONDS = 10
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "forum.sweep", "schedule": SWEEP_SECONDS, "options": {"expires": 60}},
    "heartbeat": {"task": "forum.heartbeat", "schedule": HEARTBEAT_SECONDS, "options": {"expires": 30}},
    "housekeeping": {"task": "forum.housekeeping", "schedule": 3600, "options": {"expires": 1800}},
    "erasures": {"task": "forum.erasures", "schedule": 120, "options": {"expires": 90}},
    "lateness": {"task": "forum.lateness", "schedule": 600, "options": {"expires": 300}},
    "upkeep": {"task": "forum.upkeep", "schedule": 3600, "options": {"expires": 1800}},
}
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "run" / "celerybeat-schedule")

# --- Mail. Django and allauth hand mail to the outbox; the worker hands it to MAIL_TRANSPORT.
EMAIL_BACKEND = "forum.notifications.delivery.backend.OutboxBackend"
MAIL_TRANSPORT, MAIL_TRANSPORT_OPTIONS = environment.email_transport(VAR_DIR, DEVELOPMENT)
# A neutral name: phones show the sender on a locked screen, and the site's own name holds a diagnosis.
DEFAULT_FROM_EMAIL = environment.sender(f"Articles and answers <no-reply@{SITE_HOST}>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# With a key the site signs mail itself (forum/notifications/delivery/sign.py); without one the mail server may do it.
DKIM = environment.dkim(DEFAULT_FROM_EMAIL)
MODERATOR_MAIL_MINUTES = environment.number("MODERATOR_MAIL_MINUTES", 15, 0, 24 * 60)
# Further news about a thread within this time after a mail is sent as one mail.
REPLY_MAIL_MINUTES = environment.number("REPLY_MAIL_MINUTES", 15, 0, 24 * 60)
# Hour at which summaries are sent, UTC; weekly ones on Mondays.
DIGEST_HOUR = environment.number("DIGEST_HOUR", 7, 0, 23)
DATA_LINKS_PER_ADDRESS_DAY = environment.number("DATA_LINKS_PER_ADDRESS_DAY", 3, 1, 1_000_000)
CONFIRMATIONS_PER_ADDRESS_DAY = environment.number("CONFIRMATIONS_PER_ADDRESS_DAY", 3, 1, 1_000_000)
# A guest's unconfirmed address is deleted after this.
UNCONFIRMED_DAYS = environment.number("UNCONFIRMED_DAYS", 14, 1, 90)
# A guest's address is kept this long for replies to a question, then deleted.
GUEST_FOLLOW_DAYS = environment.number("GUEST_FOLLOW_DAYS", 365, 30, 3650)
# A worker's lease on a mail; a living worker renews it. Together with SWEEP_SECONDS well below a minute.
MAIL_LEASE_SECONDS = environment.number("MAIL_LEASE_SECONDS", 30, 2, 3600)
MAIL_RETRY_SECONDS = environment.number("MAIL_RETRY_SECONDS", 60, 1, 3600)

# Replies by mail, and bounces (config/inbound.py).
INBOUND = inbound.read_settings()
ANYMAIL = INBOUND.anymail

# --- People
# Forms that take an address, by URL name: responses leave at fixed intervals, against user enumeration
# (accounts.auth.middleware).
STEADY_MILLISECONDS = environment.number("STEADY_MILLISECONDS", 250, 0, 2000)
STEADY_ANSWERS = {
    *("account_login", "account_signup", "account_reset_password", "account_request_login_code"),
    *("account_confirm_login_code", "account_email", "forum:ask", "forum:reply", "forum:your-data"),
}
ACCOUNT_DEFAULT_HTTP_PROTOCOL = urlsplit(SITE_URL).scheme
MFA_ADAPTER = "accounts.auth.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEVELOPMENT  # http://localhost
MFA_FORMS = {
    "authenticate": "accounts.auth.forms.AuthenticateForm",
    "reauthenticate": "accounts.auth.forms.AuthenticateForm",
    "activate_totp": "accounts.auth.forms.ActivateTOTPForm",
    "add_webauthn": "accounts.auth.passkeys.AddPasskeyForm",
    "edit_webauthn": "accounts.auth.passkeys.RenamePasskeyForm",
}
MFA_TOTP_ISSUER = SITE_NAME
# Required of people who can publish or see more than the public can; not of demo people in development.
SECOND_FACTOR_REQUIRED = environment.boolean("SECOND_FACTOR_REQUIRED", not DEVELOPMENT)

# --- Privacy
# The network of a session is deleted after so many days without use.
SESSION_NETWORK_DAYS = environment.number("SESSION_NETWORK_DAYS", 7, 1, 90)
# How long a guest's data link works, and how long an erasure can be cancelled.
DATA_LINK_HOURS = environment.number("DATA_LINK_HOURS", 24, 1, 168)
ERASURE_HOURS = environment.number("ERASURE_HOURS", 24, 1, 168)
DATA_PER_NETWORK_HOUR = environment.number("DATA_PER_NETWORK_HOUR", 20, 1, 1_000_000)
# Outside the backups: after a restore it tells who has to be erased again (manage.py replay_erasures).
ERASURE_LEDGER = Path(environment.text("ERASURE_LEDGER") or VAR_DIR / "ledger" / "erasures.jsonl")

# --- Asking and moderating
MODERATION_POLICY = environment.choice("MODERATION_POLICY", "hold-all", {"hold-all", "trust-members"})
# How long a decision can be undone; its mails wait for as long.
UNDO_SECONDS = environment.number("UNDO_SECONDS", 600, 0, 3600)
# The link in a moderator's mail that opens one post without sign-in: its lifetime, and one moderator's decisions by
# such links in a day.
MODERATOR_LINK_HOURS = environment.number("MODERATOR_LINK_HOURS", 24, 1, 72)
MODERATOR_LINK_DECISIONS = environment.number("MODERATOR_LINK_DECISIONS", 50, 1, 10_000)
CLAIM_MINUTES = environment.number("CLAIM_MINUTES", 15, 1, 120)
# A post that was returned to its author is closed after this, with a reminder half-way.
RETURNED_DAYS = environment.number("RETURNED_DAYS", 30, 2, 365)
# The texts of rejected posts and of spam are deleted after this.
REJECTED_TEXT_DAYS = environment.number("REJECTED_TEXT_DAYS", 90, 7, 3650)
REPORTS_TO_HIDE = environment.number("REPORTS_TO_HIDE", 3, 2, 100)
REPORTS_PER_NETWORK_HOUR = environment.number("REPORTS_PER_NETWORK_HOUR", 10, 1, 1_000_000)
HELPED_PER_NETWORK_HOUR = environment.number("HELPED_PER_NETWORK_HOUR", 60, 1, 1_000_000)
ASK_MINIMUM_SECONDS = environment.number("ASK_MINIMUM_SECONDS", 3, 0, 60)
ASK_PER_NETWORK_HOUR = environment.number("ASK_PER_NETWORK_HOUR", 30, 1, 1_000_000)
ASK_PER_ADDRESS_DAY = environment.number("ASK_PER_ADDRESS_DAY", 10, 1, 1_000_000)
# How often a member may change the name that is shown.
NAMES_PER_DAY = environment.number("NAMES_PER_DAY", 5, 1, 1_000)
# A physician's claim of a question lapses after this.
DESK_CLAIM_HOURS = environment.number("DESK_CLAIM_HOURS", 48, 1, 24 * 14)
# Posts that have waited for a moderator this long are escalated. TYPICAL_WAIT, told to authors, must not be shorter.
MODERATION_TARGET_HOURS = environment.number("MODERATION_TARGET_HOURS", 24, 1, 24 * 30)
TYPICAL_WAIT = environment.text("TYPICAL_WAIT", "one to two days")

# --- Limits on what a request may carry: the longest honest form is a 5,000 character question.
LARGEST_REQUEST = 256 * 1024
# A mail with photographs, from a provider's webhook; forum.middleware keeps everything else below LARGEST_REQUEST.
DATA_UPLOAD_MAX_MEMORY_SIZE = 40 * 1024 * 1024 if INBOUND.provider else LARGEST_REQUEST
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024

# --- Security headers; fixed.py has those that do not depend on the environment.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEVELOPMENT
SECURE_SSL_REDIRECT = environment.boolean("SECURE_SSL_REDIRECT", not DEVELOPMENT)
SECURE_HSTS_SECONDS = 0 if DEVELOPMENT else 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not DEVELOPMENT
TRUSTED_PROXIES = environment.number("TRUSTED_PROXIES", 0, 0, 5)
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Messages in a signed cookie: a guest then needs no session row.
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"

LOGGING = logging_config(environment.choice("LOG_LEVEL", "INFO", {"DEBUG", "INFO", "WARNING", "ERROR"}))
