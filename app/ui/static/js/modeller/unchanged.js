// Brings the changes of an editor into the file that it read: what nobody changed keeps its very bytes, comments too.
// The editor's own text of before and of now tells what was changed; elements are found again by id or name.

const TOKEN = /<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<\?[\s\S]*?\?>|<\/[^>]*>|<(?:[^>"']|"[^"]*"|'[^']*')*>/g;
const ATTRIBUTE = /\s+([^\s=/>]+)\s*=\s*("[^"]*"|'[^']*')/g;
const CDATA = /<!\[CDATA\[([\s\S]*?)\]\]>/g;
const ENTITIES = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };

// The elements of a text with their places: begin, inner (after the opening tag), close (before the closing one), end.
function treeOf(text) {
  const top = { name: "", begin: 0, inner: 0, close: text.length, end: text.length, children: [], attributes: new Map() };
  const open = [top];
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (/^<[!?]/.test(token)) continue;
    const end = index + token.length;
    if (token.startsWith("</")) {
      Object.assign(open.pop(), { close: index, end });
      continue;
    }
    const [, name] = token.match(/^<([^\s/>]+)/);
    const attributes = new Map([...token.matchAll(ATTRIBUTE)].map(([, key, value]) => [key, value]));
    const node = { name, begin: index, inner: end, close: end, end, children: [], attributes };
    open.at(-1).children.push(node);
    if (!token.endsWith("/>")) open.push(node);
  }
  return { text, top };
}

const whole = ({ text }, node) => text.slice(node.begin, node.end);
const inside = ({ text }, node) => text.slice(node.inner, node.close);
const words = (raw) =>
  raw
    .replace(CDATA, (_, inner) => inner.replaceAll("&", "&amp;").replaceAll("<", "&lt;"))
    .replace(/&(lt|gt|quot|apos|amp);/g, (_, name) => ENTITIES[name])
    .replace(/\s+/g, " ")
    .trim();

// The children by what they are called: tag with id, name or text; several of one kind are counted.
function childrenOf(side, parent) {
  const found = new Map();
  for (const child of parent.children) {
    const { attributes } = child;
    const own = attributes.get("id") || attributes.get("name") || (child.children.length ? "" : JSON.stringify(words(inside(side, child))));
    const kind = `${child.name.split(":").pop()} ${own.slice(1, -1)}`;
    let key = kind;
    for (let number = 2; found.has(key); number += 1) key = `${kind} ${number}`;
    found.set(key, child);
  }
  return found;
}

class Merge {
  constructor(original, before, after) {
    [this.original, this.before, this.after] = [original, before, after].map(treeOf);
    this.lineEnd = original.includes("\r\n") ? "\r\n" : "\n";
  }

  text() {
    return this.#inner(this.original.top, this.before.top, this.after.top);
  }

  #element(o, b, n) {
    if (whole(this.before, b) === whole(this.after, n)) return whole(this.original, o);
    const [, head, end] = this.original.text.slice(o.begin, o.inner).match(/^([\s\S]*?)(\s*\/?>)$/);
    const tag = this.#tag(head, b, n);
    const inner = this.#inner(o, b, n);
    if (o.inner !== o.end) return `${tag}${end}${inner}${this.original.text.slice(o.close, o.end)}`;
    return inner ? `${tag}>${inner}</${o.name}>` : `${tag}${end}`;
  }

  #tag(head, b, n) {
    let tag = head;
    for (const name of new Set([...b.attributes.keys(), ...n.attributes.keys()])) {
      const value = n.attributes.get(name);
      if (value === b.attributes.get(name)) continue;
      const there = new RegExp(`(\\s+)${name}\\s*=\\s*("[^"]*"|'[^']*')`);
      if (value === undefined) tag = tag.replace(there, "");
      else if (there.test(tag)) tag = tag.replace(there, (_, gap) => `${gap}${name}=${value}`);
      else tag += ` ${name}=${value}`;
    }
    return tag;
  }

  #inner(o, b, n) {
    if (![o, b, n].some((node) => node.children.length)) {
      const same = inside(this.before, b) === inside(this.after, n);
      return same ? inside(this.original, o) : this.#adopted(inside(this.after, n));
    }
    const [mine, old, now] = [childrenOf(this.original, o), childrenOf(this.before, b), childrenOf(this.after, n)];
    const kept = [...now.keys()].filter((key) => old.has(key) && mine.has(key));
    const moved = kept.some((key, position) => key !== [...old.keys()].filter((one) => kept.includes(one))[position]);
    const order = moved ? [...now.keys()] : this.#order(mine, old, now, kept);
    const gaps = new Map();
    for (const [side, parent, children] of [[this.after, n, now], [this.original, o, mine]]) {
      let from = parent.inner;
      for (const [key, child] of children) {
        gaps.set(key, side.text.slice(from, child.begin));
        from = child.end;
      }
    }
    const last = o.children.at(-1);
    const tail = last ? this.original.text.slice(last.end, o.close) : this.#adopted(this.after.text.slice(n.children.at(-1)?.end ?? n.inner, n.close));
    return order.map((key) => this.#child(key, mine, old, now, gaps)).join("") + tail;
  }

  // As in the file, without what was taken out; what is new stands behind what it stands behind in the editor's text.
  #order(mine, old, now, kept) {
    const order = [...mine.keys()].filter((key) => now.has(key) || !old.has(key));
    let place = 0;
    for (const key of now.keys()) {
      if (kept.includes(key)) place = order.indexOf(key) + 1;
      else if (!mine.has(key) && !old.has(key)) order.splice(place++, 0, key);
    }
    return order;
  }

  #child(key, mine, old, now, gaps) {
    if (!mine.has(key)) return this.#adopted(gaps.get(key) + whole(this.after, now.get(key)));
    if (!old.has(key) || !now.has(key)) return gaps.get(key) + whole(this.original, mine.get(key));
    return gaps.get(key) + this.#element(mine.get(key), old.get(key), now.get(key));
  }

  #adopted(text) {
    return text.replace(/\r?\n/g, this.lineEnd);
  }
}

// `after` as a change of `original`; what would not be read as the same is given as the editor wrote it.
export async function keepingBytes(original, before, after, reread) {
  if (before === after) return original;
  try {
    const text = new Merge(original, before, after).text();
    return (await reread(text)) === (await reread(after)) ? text : after;
  } catch {
    return after;
  }
}
