"""The page's state as a pure function of events, against thousands of seeded histories."""

from pathlib import Path

import pytest

FOLDER = Path(__file__).parent


@pytest.mark.parametrize("simulation", ["state_simulation.js", "group_simulation.js"])
def test_the_state_always_ends_as_the_server_has_it(person, simulation):
    ada = person("ada")
    script = ada.page.locator("script[type=module]").get_attribute("src")
    found = ada.page.evaluate(
        (FOLDER / simulation).read_text(), {"modulePath": script.replace("main.js", "state.js"), "firstSeed": 1, "seeds": 3_000}
    )
    assert found == []
