"""The page's state as a pure function of events, against thousands of seeded histories."""

from pathlib import Path

SIMULATION = (Path(__file__).parent / "state_simulation.js").read_text()


def test_the_state_always_ends_as_the_server_has_it(person):
    ada = person("ada")
    script = ada.page.locator("script[type=module]").get_attribute("src")
    found = ada.page.evaluate(
        SIMULATION, {"modulePath": script.replace("main.js", "state.js"), "firstSeed": 1, "seeds": 3_000}
    )
    assert found == []
