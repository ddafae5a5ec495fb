// The text of a message. The server says what is formatted and how (`formatted`, see the API's description); here every tag
// and attribute is chosen, and texts stay texts.
import { pathTo } from '../selectors.js';
import { element, icon } from './dom.js';

const tags = { strong: 'strong', emphasis: 'em', strike: 's', code: 'code', quote: 'blockquote', item: 'li' };

/** `me` is the id of whoever sees it. */
export function textOf({ text, formatted, deleted, me }) {
  if (deleted) return element('p', { class: 'text gone' }, icon('delete'), 'Message deleted');
  return formatted ? element('div', { class: 'text' }, ...nodesOf(formatted, me)) : element('p', { class: 'text' }, text);
}

function nodesOf(parts, me) {
  return parts.flatMap((part) => (typeof part === 'string' ? part : elementOf(part, me)));
}

/** FormattedHTML.swift makes the same of it. */
function elementOf({ type, content, language, start, url, host, user }, me) {
  const nodes = nodesOf(content, me);
  if (tags[type]) return element(tags[type], {}, ...nodes);
  switch (type) {
    case 'list':
      return start === undefined ? element('ul', {}, ...nodes) : element('ol', start === 1 ? {} : { start }, ...nodes);
    case 'code-block':
      return element('pre', { tabindex: '0', ...language && { 'data-language': language } }, element('code', {}, ...nodes));
    case 'link':
      return linkTo(url, host, nodes);
    case 'mention':
      return element(user ? 'a' : 'span', {
        class: `mention${!user || user === me ? ' me' : ''}`, tabindex: user ? -1 : null, href: user ? pathTo({ username: content[0].slice(1) }) : null,
      }, ...nodes);
    default:
      // A newer server may know more than this page.
      return nodes;
  }
}

function linkTo(url, host, nodes) {
  if (!/^(https?:\/\/|mailto:)/.test(url)) return nodes;
  const link = element('a', { href: url, rel: 'noopener noreferrer nofollow', target: '_blank' }, ...nodes);
  return host ? [link, element('span', { class: 'link-host' }, ` (${host})`)] : link;
}
