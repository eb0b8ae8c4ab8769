"""Lets forms that take an address answer in the same time whether or not the site knows it (DESIGN 4, promise 1).

The work is made as equal as it can be (see auth.signup_form, forum.notifications.delivery.backend). What is left of
a difference disappears in the grid: such an answer leaves at the next multiple of STEADY_MILLISECONDS after its request
began, and a random tenth of that later: a process that slept longer wakes a little later, and chance hides that, too. A
thread of the web server waits meanwhile; what that costs stands in docs/performance.md.
"""

import math
import random
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

TOO_MANY_REQUESTS = 429
CHANCE = random.SystemRandom()


class SteadyAnswerMiddleware:
    """Holds back the answers to what was sent to the forms named in STEADY_ANSWERS.

    Outermost but for the log, so that all the work for the answer lies before it. A refusal for too many requests
    depends on the sender, not on the address, and leaves at once: a flood must not hold the web server's threads.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        if is_steady(request) and response.status_code != TOO_MANY_REQUESTS:
            step = settings.STEADY_MILLISECONDS / 1000
            time.sleep(until_next(time.perf_counter() - began, step) + CHANCE.uniform(0, step / 10))
        return response


def is_steady(request: HttpRequest) -> bool:
    """True for something sent to a form whose answer must not tell which addresses are known."""
    match = request.resolver_match
    return request.method == "POST" and match is not None and match.view_name in settings.STEADY_ANSWERS


def until_next(spent: float, step: float) -> float:
    """Return the seconds from `spent` to the next whole multiple of `step`; 0 where there is no step.

    >>> round(until_next(0.03, 0.25), 2), round(until_next(0.26, 0.25), 2), until_next(0.3, 0)
    (0.22, 0.24, 0.0)
    """
    return math.ceil(spent / step) * step - spent if step else 0.0
