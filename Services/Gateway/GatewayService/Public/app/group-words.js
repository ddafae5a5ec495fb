// What lines about groups tell, as sentences. `GroupLine+Words.swift` says the same for the server's pages. Pure.
import { listed } from './format.js';

/** The sentence of a line about a group; `nameOf(user)` answers "You" for this user. */
export function wordsOfLine({ sender, line }, nameOf) {
  const actor = nameOf(sender);
  switch (line.type) {
    case 'created': return `${actor} made the group`;
    case 'added': return `${actor} added ${people(line, nameOf)}`;
    case 'joined': return `${actor} joined by an invitation`;
    case 'invited': return `${actor} made an invitation`;
    case 'revoked': return `${actor} withdrew an invitation`;
    case 'left': return `${actor} left`;
    case 'removed': return `${actor} removed ${people(line, nameOf)}`;
    case 'role': return `${actor} made ${people(line, nameOf)} ${line.role === 'member' ? 'a member' : `an ${line.role}`}`;
    default:
      if (line.name) return `${actor} renamed the group to “${line.name}”`;
      if (line.about) return `${actor} changed the description`;
      return line.showsHistory ? `${actor} lets new members see earlier messages`
        : `${actor} hides earlier messages from new members`;
  }
}

function people({ users = [], count = 0 }, nameOf) {
  const named = users.slice(0, 3).map(nameOf).map((name) => (name === 'You' ? 'you' : name));
  const others = count - named.length;
  return listed(others > 0 ? [...named, others === 1 ? '1 other' : `${others} others`] : named);
}

/** "5 members". */
export const memberCount = (count) => (count === 1 ? '1 member' : `${count.toLocaleString('en')} members`);
