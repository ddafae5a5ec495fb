"""Makes the PNG icons out of the mark, for systems that show no SVG. To be run when the mark has changed:
`.martlet/venv/bin/python Tests/Browser/icons.py`. Writes beside the mark; where `pngquant` is installed, with a palette, which
makes them a fifth as large."""

import shutil
import subprocess
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "PythonSupport"))
from chromium import chromium
from stack import CHECKOUT

PUBLIC = CHECKOUT / "Services" / "Gateway" / "GatewayService" / "Public"
#: What is made of which drawing, and how many pixels wide. The home screens of iOS fill what is transparent with black.
ICONS = {
    "martlet-180.png": ("martlet-maskable.svg", 180),
    "martlet-192.png": ("martlet.svg", 192),
    "martlet-512.png": ("martlet.svg", 512),
}


def main():
    with chromium() as browser:
        for name, (drawing, size) in ICONS.items():
            page = browser.new_page(viewport={"width": size, "height": size})
            page.set_content(
                f"<style>* {{ margin: 0 }} svg {{ display: block; width: {size}px }}</style>{(PUBLIC / drawing).read_text()}")
            page.screenshot(path=PUBLIC / name, omit_background=True)
            page.close()
            if shutil.which("pngquant"):
                subprocess.run(["pngquant", "--force", "--ext", ".png", "128", PUBLIC / name], check=True)


if __name__ == "__main__":
    main()
