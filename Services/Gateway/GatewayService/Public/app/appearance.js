// Theme and text size: applied at once, and kept by the server in a cookie so that the next page begins with them.

const themes = { light: 'theme-light', dark: 'theme-dark' };
const sizes = { small: 'text-small', large: 'text-large' };

/** What this page looks like now. */
export function presentAppearance() {
  const has = ([, name]) => document.documentElement.classList.contains(name);
  const [theme = 'system'] = Object.entries(themes).find(has) ?? [];
  const [textSize = 'normal'] = Object.entries(sizes).find(has) ?? [];
  return { theme, textSize };
}

/** Makes this page look like that, without a reload: `theme` is system, light or dark, `textSize` small, normal or large. */
export function applyAppearance({ theme, textSize }) {
  const { classList } = document.documentElement;
  classList.remove(...Object.values(themes), ...Object.values(sizes));
  for (const name of [themes[theme], sizes[textSize]]) if (name) classList.add(name);
  const [light, dark] = document.querySelectorAll('meta[name="theme-color"]');
  light.content = theme === 'dark' ? dark.dataset.ground : light.dataset.ground;
  dark.content = theme === 'light' ? light.dataset.ground : dark.dataset.ground;
  document.querySelector('meta[name="color-scheme"]').content = themes[theme] ? theme : 'light dark';
}

/** Keeps it in this browser; false if the server did not. */
export async function keepAppearance({ theme, textSize }) {
  try {
    const answer = await fetch('/account/appearance', { method: 'POST', body: new URLSearchParams({ theme, textSize }) });
    return answer.ok && new URL(answer.url).searchParams.get('saved') === 'appearance';
  } catch {
    return false;
  }
}
