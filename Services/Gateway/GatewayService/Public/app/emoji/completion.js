// Completes `:names:` of emoji in a text field.
import { completeIn, marked } from '../completion/completion.js';
import { element } from '../view/dom.js';
import { loadCatalogue, search } from './catalogue.js';
import { nameBefore } from './name-before.js';
import { preferences, remember, toned } from './preferences.js';

/** Completes names in `field` from now on, what stands there already as well. */
export async function completeNames(field) {
  await loadCatalogue();
  await completeIn(field, {
    name: 'emoji',
    label: 'Emoji',
    placeBefore: nameBefore,
    find: async ({ name }, most) => search(await loadCatalogue(), name, most),
    whole: async ({ name }) => (await loadCatalogue()).byName.get(name),
    option: (entry, { name }) => ({
      label: `${nameFor(entry, name)}, ${entry.name}`,
      content: [
        element('span', { class: 'emoji', 'aria-hidden': 'true' }, toned(entry, preferences().tone)),
        element('span', { class: 'name' }, ...marked(nameFor(entry, name), name.length, nameFor(entry, name).indexOf(name))),
      ],
    }),
    choose(entry) {
      remember(entry.emoji);
      return toned(entry);
    },
  });
}

/** The name that fits what was typed. */
const nameFor = ({ short, names }, typed) => `:${names.find((each) => each.startsWith(typed)) ?? short}:`;
