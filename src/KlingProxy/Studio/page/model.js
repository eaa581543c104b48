// What GET /v1/models says of the models: what a field is called, what it may hold, what is assumed without it. The page knows none of that by itself.

/** What the form has a place for: the kind of field, and which of that kind. */
const roles = { first: ['image', 0], last: ['image', 1], text: ['text', 0], shots: ['shots', 0], length: ['seconds', 0], sound: ['flag', 0] };

let models = [];

/** Every model, the default one first. */
export const learn = list => { models = list; };

const find = id => models.find(model => model.id === id) ?? models[0];
const pick = (fields, [kind, place]) => fields?.filter(field => field.kind === kind)[place];

/** Of the default model, or of the one with this id; undefined where it has nothing like it, or nothing is known yet. */
export const field = (role, id) => pick(find(id)?.fields, roles[role]);

/** The same within one shot: its `text`, its `length`. */
export const shotField = (role, id) => pick(find(id)?.shots.fields, roles[role]);

export const shotLimits = () => models[0]?.shots;

/** Where a rule about it points; until the model is known, something that no rule points at. */
export const pointer = role => `/input/${field(role)?.name ?? `(${role})`}`;

/** The least, the most and the next of a field of seconds. */
export function range({ allowed }) {
  const seconds = allowed.map(Number);
  return { min: seconds[0], max: seconds.at(-1), step: (seconds[1] ?? seconds[0] + 1) - seconds[0], seconds };
}
