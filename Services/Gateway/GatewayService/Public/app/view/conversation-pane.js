// The right-hand pane: who one talks to, the messages, and where to write.
import { laterModule } from '../assets.js';
import { newestSeq } from '../conversation.js';
import { closedBy, partner } from '../selectors.js';
import { readPosition } from '../unread.js';
import { actionsOf } from './actions.js';
import { completeLater } from './complete-later.js';
import { Composer } from './composer.js';
import { ComposerClosed } from './composer-closed.js';
import { MessageActions } from './message-actions.js';
import { MessageList } from './message-list.js';
import { waitingMessages } from './message-top.js';
import { TypingLine } from './typing-line.js';
import { avatar } from './avatar.js';
import { lineAndAbout } from './conversation-item.js';
import { element, icon } from './dom.js';

// So long after a choice, something else than the old conversation is shown.
const patience = 200;
// An `@` in front of the caret that calls somebody, or begins to.
const mentionBegun = /(?<![A-Za-z0-9/@])@[\p{L}\p{N}._-]*$/u;
const loadMentions = laterModule('app/mentions/main.js', 'style/completion/main.css');

export class ConversationPane {
  #root;
  #pane = document.getElementById('conversation');
  #store;
  #outbox;
  #drafts;
  #durable;
  #shown = null;
  #messages = null;
  #composer = null;
  #closed = null;
  #actions = null;
  #drawnTop = null;
  #wanted;
  #begun = null;
  #opening = null;
  #typing = new TypingLine();

  /** `wanted` is what the page's address names in the conversation that it opens with: `{ seq, action }`, or null. */
  constructor(root, { store, outbox, drafts, durable, wanted }) {
    this.#root = root;
    this.#store = store;
    this.#outbox = outbox;
    this.#drafts = drafts;
    this.#durable = durable;
    this.#wanted = wanted;
    /** Called when more of the conversation was on the screen, in front of somebody. */
    this.onSeen = () => undefined;
    /** Called with a conversation, and true when somebody has written on there, false when it was sent. */
    this.onTyping = () => undefined;
    /** Called with a conversation and a choice about its other person. */
    this.onChoice = () => undefined;
    /** Called when somebody wants a conversation that could not be opened to be tried again. */
    this.onRetry = () => undefined;
    /** Called with a conversation and a button when somebody wants its menu beside that. */
    this.onMenu = () => undefined;
    /** Called with a conversation and a message when somebody says that everything up to it was read. */
    this.onMarkRead = () => undefined;
    /** Called with a conversation and a message when somebody wants it, and what follows, to be unread again. */
    this.onMarkUnread = () => undefined;
  }

  /** Up to which message a conversation was on the screen, in front of somebody. */
  readThrough(conversation) {
    const shown = this.#shown === conversation.id && this.#messages;
    return shown ? shown.readThrough : readPosition(conversation, this.#store.state.me.id);
  }

  draw(state) {
    const wants = state.selected ? 'conversation' : state.problem ? 'problem' : state.opening ? 'opening' : 'welcome';
    // What is left is looked at once more, and what is drawn is measured, so both have to be in sight.
    if (wants !== 'welcome') document.body.classList.add('has-conversation');
    if (wants === 'conversation') this.#drawConversation(state);
    else if (wants === 'problem') this.#drawPlain(`problem ${state.problem.path}`, () => problem(state.problem, () => this.onRetry()));
    else if (wants === 'opening') this.#drawOpening(state.opening);
    // What the server rendered stays until the script has something better.
    else if (wants === 'welcome') this.#drawPlain('welcome', welcome);
    if (wants === 'welcome') document.body.classList.remove('has-conversation');
  }

  #drawConversation(state) {
    const conversation = state.conversations[state.selected];
    const other = partner(state, conversation);
    if (this.#shown !== conversation.id) {
      const rendered = this.#root.dataset.conversation === conversation.id ? renderedDraft() : { text: '' };
      delete this.#root.dataset.conversation;
      this.#leave(conversation.id);
      const wanted = this.#wanted;
      this.#wanted = null;
      this.#messages = new MessageList(this.#store, conversation.id, {
        other,
        onSeen: () => this.onSeen(),
        onMarkRead: () => this.onMarkRead(conversation.id, newestSeq(this.#store.state.conversations[conversation.id])),
        run: (...action) => this.#actions.run(...action),
        react: (row, emoji) => this.#actions.react(row, emoji),
        leave: () => this.#composer.focus(),
      }, wanted?.seq);
      this.#composer = new Composer({
        outbox: this.#outbox, drafts: this.#drafts, conversation: conversation.id, other, rendered, durable: this.#durable,
        onEdit: (target, text, present) => this.#actions.edit(target, text, present),
        onEditLast: () => this.#editLast(), onTyping: (isWriting) => this.onTyping(conversation.id, isWriting),
        onField: (field) => conversation.group && completeLater(field, mentionBegun, loadMentions, this.#store, conversation.id),
      });
      this.#actions = new MessageActions({
        store: this.#store, outbox: this.#outbox, conversation: conversation.id, list: this.#messages, composer: this.#composer,
        onMarkUnread: (seq) => this.onMarkUnread(conversation.id, seq), onReaders: (seq) => this.onReaders(conversation.id, seq),
      });
      this.#closed = new ComposerClosed((choice) => {
        this.onChoice(conversation.id, choice);
        // Behind the next drawing, which brings the form back.
        requestAnimationFrame(() => this.#closed.focus() || this.#composer?.focus());
      });
      this.#drawnTop = null;
      this.#pane.replaceChildren(element('header', { class: 'conversation-head' }),
        element('p', { class: 'freshness', role: isAlone() ? 'status' : null },
          element('span', { class: 'mark', 'aria-hidden': 'true' }), element('span', { class: 'words' })),
        this.#messages.element, this.#typing.element, this.#composer.element, this.#closed.element);
      if (writesByKeyboard() && !isWritingElsewhere()) this.#composer.focus();
      if (wanted?.action) this.#begun = { ...wanted, text: rendered.edited };
    }
    if (this.#drawnTop !== other) {
      this.#drawnTop = other;
      this.#pane.firstElementChild.replaceChildren(...heading(other, (anchor) => this.onMenu(conversation.id, anchor)));
      this.#pane.setAttribute('aria-label', other.isSelf || other.isGroup ? other.displayName : `Conversation with ${other.displayName}`);
    }
    this.#messages.draw(state);
    this.#typing.draw((state.typing[conversation.id] ?? []).map((user) => state.users[user]?.displayName ?? '…'));
    this.#composer.draw();
    const closed = closedBy(state, conversation);
    this.#composer.element.hidden = closed !== null;
    this.#closed.draw(closed, other);
    if (this.#begun && conversation.loaded) this.#begin();
  }

  /** Leads to the message with a number in the conversation that is shown. */
  showMessage(seq) {
    this.#messages?.showMessage(seq);
  }

  /** Goes on with what was begun on a page without a script. */
  #begin() {
    const { seq, action, text } = this.#begun;
    const row = this.#messages.rowOfMessage(seq);
    if (!row) return;
    this.#begun = null;
    if (!actionsOf(row).includes(action)) return;
    this.#actions.run(action, row, { anchor: document.getElementById(row.id), text });
  }

  #editLast() {
    const row = this.#messages.lastRow((each) => each.mine && actionsOf(each).includes('edit'));
    if (row) this.#actions.run('edit', row);
    return Boolean(row);
  }

  #leave(next) {
    this.#shown = next;
    this.#messages?.end();
    this.#composer?.end();
    this.#messages = null;
    this.#composer = null;
    this.#begun = null;
  }

  /** What is shown stays for a moment: most conversations open faster than anybody sees. */
  #drawOpening(path) {
    if (this.#opening === path) return;
    this.#opening = path;
    setTimeout(() => {
      if (this.#store.state.opening === path) this.#drawPlain(`opening ${path}`, opening);
      this.#opening = null;
    }, patience);
  }

  #drawPlain(name, make) {
    if (this.#shown === name) return;
    this.#leave(name);
    this.#pane.setAttribute('aria-label', 'Conversation');
    this.#pane.replaceChildren(...make());
  }
}

/**
 * What the server put into its form, or somebody wrote there before the script ran. If the form was sent and the server
 * could not tell the outcome, sending the same text again has to be a repetition, so its id is kept.
 */
function renderedDraft() {
  const failed = document.getElementById('send-error');
  const text = document.getElementById('text')?.value ?? '';
  // What is being edited is no draft.
  if (document.querySelector('.composer-context[data-mode="edit"]')) {
    return { text: '', edited: text, problem: failed?.textContent };
  }
  return {
    text,
    problem: failed?.textContent,
    clientMessageId: failed ? document.querySelector('#composer [name=clientMessageId]')?.value : undefined,
  };
}

/** Whether the list, which says the same, is out of sight beside a conversation. */
function isAlone() {
  return matchMedia('(max-width: 759px)').matches;
}

function writesByKeyboard() {
  return matchMedia('(min-width: 760px) and (hover: hover)').matches;
}

/** Whether somebody went on to another field while the conversation was being opened: what they type belongs there. */
function isWritingElsewhere() {
  return document.activeElement?.matches('input, textarea') ?? false;
}

function heading(other, onMenu) {
  const { displayName, about } = other;
  return [
    element('a', { class: 'icon-button back', href: '/chatwith', 'aria-label': 'Chat with another user' },
      icon('back')),
    avatar(other),
    element('div', { class: 'who' },
      element('h2', { dir: 'auto' }, displayName), element('p', { title: about ?? null }, ...lineAndAbout(other))),
    element('button', {
      class: 'icon-button', type: 'button', 'aria-label': 'Conversation menu', title: 'Conversation menu', 'aria-haspopup': 'menu',
      onclick: ({ currentTarget }) => onMenu(currentTarget),
    }, icon('more')),
  ];
}

function welcome() {
  const image = document.querySelector('.brand img').getAttribute('src');
  return [element('div', { class: 'welcome' },
    element('img', { src: image, alt: '', width: 96, height: 96 }),
    element('h2', {}, 'Who would you like to talk to?'),
    element('p', {}, 'Choose a conversation, or find somebody by their username.'))];
}

function opening() {
  const line = (names) => element('span', { class: `skeleton ${names}`, 'aria-hidden': 'true' });
  return [
    element('header', { class: 'conversation-head' }, line('circle avatar'), element('div', { class: 'who' }, line('line w24'))),
    element('div', { class: 'viewport' }, element('div', { class: 'history' }, waitingMessages())),
  ];
}

function problem({ path, message, status }, onRetry) {
  const [, kind, name] = path.split('/');
  const isUnknown = status === 404;
  const isAway = status === 0;
  return [element('div', { class: 'welcome', role: 'alert' },
    element('h2', {}, isUnknown ? (kind === 'g' ? 'There is no such group, or you are not a member' : `There is no @${decodeURIComponent(name)} here`)
      : isAway ? 'Not on this device yet' : 'This conversation could not be opened'),
    element('p', { dir: 'auto' }, isAway
      ? 'The server cannot be reached, and this conversation was not opened here before. It opens by itself when there is a connection.'
      : message),
    element('p', { class: 'buttons' },
      !isUnknown && element('button', { class: 'button primary', type: 'button', onclick: onRetry }, 'Try again'),
      element('a', { class: 'button quiet', href: '/chatwith' }, 'Chat with another user')))];
}
