const banner = document.getElementById('banner');

/** A trouble that belongs to no field, with the id to quote to the operator. */
export function show({ title, detail, requestId, status }, loose = []) {
  if (status === 401) return; // the key panel says so already
  banner.replaceChildren(...describe({ title, detail, requestId, loose }));
  banner.hidden = false;
}

export function clear() {
  banner.hidden = true;
  banner.replaceChildren();
}

export const reveal = () => banner.scrollIntoView({ block: 'nearest' });

export function describe({ title, detail, requestId, jobId, loose = [] }) {
  const parts = [made('strong', title)];
  if (detail && detail !== title) parts.push(made('p', detail));
  if (loose.length) {
    const list = document.createElement('ul');
    list.append(...loose.map(violation => made('li', violation.detail)));
    parts.push(list);
  }
  if (requestId || jobId) {
    const line = made('p', requestId ? 'Request ' : '');
    line.className = 'request';
    line.append(made('code', requestId || jobId));
    parts.push(line);
  }
  return parts;
}

function made(tag, text) {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}
