import pytest
from tests.page.test_on_wordpress import *  # noqa
from tests.page.conftest import *  # noqa
def test_shot(tab, addresses, theme):
    for name in ("rich",):
        for w in (1280, 320):
            opened(tab, addresses[name], theme, w); tab.wait_for_timeout(300)
            tab.screenshot(path=f"/tmp/lab/g6/shots/wp-{theme}-{name}-{w}.png", full_page=True)
            print(probes.reflow(tab, OURS, w))
