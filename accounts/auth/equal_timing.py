"""Equal timing of forms that take an e-mail address (user enumeration; DESIGN 4, promise 1).

The work for a known and an unknown address is made as equal as possible (auth.signup_form,
forum.notifications.delivery.backend). This middleware hides the rest: it holds each response until the next multiple of
STEADY_MILLISECONDS after the start of the request. A random delay of up to a tenth of that is added, because a process
that slept longer also wakes later. A thread of the web server waits meanwhile; docs/performance.md tells the cost.
"""

import math
import random
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

TOO_MANY_REQUESTS = 429
RANDOM = random.SystemRandom()


class SteadyAnswerMiddleware:
    """Delays responses to POSTs to the views named in STEADY_ANSWERS until a fixed interval is over.

    Outermost but for the log: work outside it would show in the timing. A refusal for too many requests depends on the
    sender, not on the address, and is not delayed: a flood must not hold the web server's threads.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        if is_steady(request) and response.status_code != TOO_MANY_REQUESTS:
            step = settings.STEADY_MILLISECONDS / 1000
            time.sleep(until_next(time.perf_counter() - began, step) + RANDOM.uniform(0, step / 10))
        return response


def is_steady(request: HttpRequest) -> bool:
    match = request.resolver_match
    return request.method == "POST" and match is not None and match.view_name in settings.STEADY_ANSWERS


def until_next(spent: float, step: float) -> float:
    """Return the seconds from `spent` to the next multiple of `step`; 0 when `step` is 0.

    >>> round(until_next(0.03, 0.25), 2), round(until_next(0.26, 0.25), 2), until_next(0.3, 0)
    (0.22, 0.24, 0.0)
    """
    return math.ceil(spent / step) * step - spent if step else 0.0
