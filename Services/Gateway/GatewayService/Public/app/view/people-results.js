// The people whom a search has found, under the conversations that it has found.
import { listedConversations, peopleBeside } from '../list.js';
import { drawPeople, skeletons } from './conversation-item.js';
import { element, isDrawn } from './dom.js';

export class PeopleResults {
  #section = document.getElementById('people');
  #list = document.getElementById('people-list');
  #heading = document.getElementById('people-heading');
  #drawn = null;

  draw(state) {
    const { search } = state.people;
    const inputs = [search, state.list, state.conversations, state.users, state.selected];
    if (isDrawn(this.#drawn, inputs)) return;
    this.#drawn = inputs;
    if (!state.list.text) {
      this.#section.hidden = true;
      this.#list.replaceChildren();
      return;
    }
    const conversations = state.listed ? listedConversations(state) : [];
    const people = peopleBeside(state, conversations);
    const hadFocus = this.#list.contains(document.activeElement);
    drawPeople(this.#list, people);
    const nobody = people.length === 0 && conversations.length === 0;
    this.#section.hidden = people.length === 0 && !nobody;
    this.#heading.textContent = 'People';
    this.#heading.hidden = people.length === 0;
    for (const part of this.#section.querySelectorAll('.list-note, .more, .skeletons')) part.remove();
    if (nobody) this.#section.append(search.loaded ? nobodyCalled(search.text, 'no-people') : skeletons(3));
    if (search.next) this.#section.append(morePeople());
    // Whoever was chosen with the keyboard may not be in the list any more; the place in the page should not be lost.
    if (hadFocus && !this.#list.contains(document.activeElement)) this.#heading.focus({ preventScroll: true });
  }
}

/** Says that nobody was found, and what was searched for. */
export const nobodyCalled = (text, id = null) => element('p', { class: 'list-note', id, role: 'status' },
  'Nobody was found by “', element('bdi', {}, text), '”.');

const morePeople = () => element('p', { class: 'more' },
  element('button', { class: 'button quiet', type: 'button', id: 'more-people' }, 'More people'));
