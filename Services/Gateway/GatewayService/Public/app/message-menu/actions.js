// Does what somebody wants done with a message.
import { messageAt, textRev } from '../messages.js';
import { hasReacted, withPending } from '../pending.js';
import { plainText } from '../words.js';
import { copy } from '../view/clipboard.js';
import { openEmojiPicker } from '../view/emoji-picker.js';
import { openMessageMenu } from '../view/message-menu.js';
import { toast } from '../view/toast.js';

export class Actions {
  #store;
  #outbox;
  #conversation;
  #list;
  #composer;
  #onMarkUnread;
  #onReaders;

  /** `parts` are those of `MessageActions`. */
  constructor({ store, outbox, conversation, list, composer, onMarkUnread, onReaders }) {
    this.#store = store;
    this.#outbox = outbox;
    this.#conversation = conversation;
    this.#list = list;
    this.#composer = composer;
    this.#onMarkUnread = onMarkUnread;
    this.#onReaders = onReaders;
  }

  /**
   * Does an action by its name; `anchor` is what it was chosen on, `item` the outbox's item that it is about, `text` what an
   * edit begins with if that is not the text of the message.
   */
  run(name, row, { anchor, item, text } = {}) {
    const backToMessage = () => this.#list.focusMessage(row.key);
    switch (name) {
      case 'more':
        return openMessageMenu({
          row, anchor, tellsReaders: this.#store.state.conversations[this.#conversation].group?.memberCount <= 100,
          run: (chosen) => this.run(chosen, row, { anchor }),
          react: (emoji) => this.react(row, emoji),
          onLost: backToMessage,
        });
      case 'react':
        return openEmojiPicker({ row, anchor, onChoose: (emoji) => this.react(row, emoji), onLost: backToMessage });
      case 'reply':
        return this.#composer.reply({ seq: row.seq, sender: row.sender, name: row.author, text: plainText(row).slice(0, 200) });
      case 'edit':
        return this.#composer.edit(this.#targetOf(row), row.text, text);
      case 'copy-text':
        return this.#copy(row.text, 'Text copied');
      case 'copy-link':
        return this.#copy(`${location.origin}/c/${this.#conversation}#m${row.seq}`, 'Link copied');
      case 'readers':
        return this.#onReaders(row.seq);
      case 'unread':
        this.#onMarkUnread(row.seq);
        return toast('Marked as unread');
      case 'delete':
        return this.#list.confirm(row.key);
      case 'keep':
        this.#list.confirm(null);
        return backToMessage();
      case 'delete-now':
        this.#list.confirm(null);
        this.#perform(() => this.#outbox.remove(this.#targetOf(row)));
        return backToMessage();
      case 'discard':
        this.#perform(() => this.#outbox.discard(item));
        return backToMessage();
      case 'take-back':
        this.#composer.insert(row.text);
        return this.#perform(() => this.#outbox.discard(item));
      case 'edit-again':
        return this.#editAgain(row, item);
      default:
        return undefined;
    }
  }

  /** Sets a reaction, or takes it back if this user has it already. */
  react(row, emoji) {
    const { me, outbox } = this.#store.state;
    const message = this.#message(row.seq);
    if (!message) return;
    const pending = outbox.filter((each) => each.conversation === this.#conversation && each.seq === row.seq);
    const wanted = !hasReacted(withPending(message, pending, me.id), emoji, me.id);
    this.#perform(() => this.#outbox.react(this.#conversation, row.seq, emoji, wanted));
  }

  /** Changes a text; `present` is the text that was before the eyes. */
  edit(target, text, present) {
    const message = target.seq && this.#message(target.seq);
    // An earlier edit of the same hand may have been stored while this one was written.
    const rev = message?.text === present ? textRev(message) : target.rev;
    return this.#outbox.edit({ ...target, ...(target.seq && { rev }) }, text);
  }

  #editAgain(row, id) {
    const message = this.#message(row.seq);
    const item = this.#store.state.outbox.find((each) => each.clientMessageId === id);
    if (!message || !item) return;
    this.#composer.edit(this.#targetOf(row), message.text, item.text);
    this.#perform(() => this.#outbox.discard(id));
  }

  /** What the outbox takes to name a message. */
  #targetOf({ seq, waitingId }) {
    const conversation = this.#conversation;
    return seq ? { conversation, seq, rev: textRev(this.#message(seq)) } : { conversation, of: waitingId };
  }

  #message(seq) {
    return messageAt(this.#store.state.conversations[this.#conversation], seq);
  }

  async #copy(text, done) {
    toast(await copy(text) ? done : 'The browser does not let this page copy.');
  }

  async #perform(work) {
    try {
      await work();
    } catch {
      toast('The browser could not keep this, because its storage is full. It is done all the same.');
    }
  }
}
