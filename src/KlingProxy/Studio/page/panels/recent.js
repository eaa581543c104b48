import { call, clockLead } from '../api.js';
import { ago, lengthOf, price, promptOf, stateOf } from '../format.js';

const section = document.getElementById('recent');
const list = document.getElementById('recent-list');

/** Shows the newest jobs of this caller; `open` is given the one that was chosen. */
export async function refresh(open, current) {
  const { data } = await call('GET', 'v1/jobs?limit=6');
  section.hidden = data.length === 0;
  list.replaceChildren(...data.map(job => row(job, open, current)));
}

export function highlight(id) {
  for (const button of list.querySelectorAll('button')) button.setAttribute('aria-current', String(button.dataset.job === id));
}

function row(job, open, current) {
  const button = document.createElement('button');
  button.type = 'button';
  button.dataset.job = job.id;
  button.setAttribute('aria-current', String(job.id === current));
  button.append(
    span('status', stateOf(job.status), job.status),
    span('words', promptOf(job)),
    span('facts', [lengthOf(job), price(job), ago(job.created_at, Date.now() + clockLead)].filter(Boolean).join(' · ')));
  button.addEventListener('click', () => open(job));

  const item = document.createElement('li');
  item.append(button);
  return item;
}

function span(name, text, status) {
  const element = document.createElement('span');
  element.className = name;
  element.textContent = text;
  if (status) element.dataset.status = status;
  return element;
}
