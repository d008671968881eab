/** What moved between two looks at the exchange, as sentences. Pure. */
import type { INotice, IPerson, IRelease, IRequest } from './tokens';
import { shortRef, Words } from './words';

export interface ISight {
  viewer: string;
  catalogue: IRelease[];
  requests: IRequest[];
  review: IRequest[];
}

/** Sentences for what is new in `now`; nothing when another person is looking. */
export function moves(before: ISight, now: ISight, words: Words): INotice[] {
  if (before.viewer !== now.viewer) {
    return [];
  }
  return [
    ...decided(before, now, words),
    ...ending(before, now, words),
    ...waiting(before, now, words)
  ];
}

function decided(before: ISight, now: ISight, words: Words): INotice[] {
  const known = new Map(before.requests.map(each => [each.id, each]));
  return now.requests
    .filter(each => {
      const old = known.get(each.id);
      return old !== undefined && old.state !== each.state;
    })
    .map(each => outcome(each, words))
    .filter((notice): notice is INotice => notice !== null);
}

function outcome(request: IRequest, words: Words): INotice | null {
  const t = words.trans;
  const what = words.right(request.right).verb;
  const which = shortRef(request.ref);
  const who = lastVoter(request)?.name;
  const reason = request.reason ? ` “${request.reason}”` : '';
  const notice = (kind: INotice['kind'], text: string): INotice => ({
    kind,
    text,
    request: request.id
  });
  switch (request.state) {
    case 'granted':
      return notice(
        'good',
        (who
          ? t.__('%1 approved your request for %2: %3.', who, which, what)
          : t.__('Your request for %1 was granted: %2.', which, what)) +
          (request.grant?.marked
            ? ` ${t.__('Your copy carries a mark that names this grant.')}`
            : '')
      );
    case 'returned':
      return notice(
        'plain',
        t.__(
          '%1 asks about your request for %2.',
          who ?? t.__('A reviewer'),
          which
        ) + reason
      );
    case 'rejected':
      return notice(
        'bad',
        t.__('Your request for %1 was rejected.', which) + reason
      );
    case 'revoked':
      return notice(
        'bad',
        t.__('Your access to %1 was ended.', which) + reason
      );
    case 'expired':
      return notice('plain', t.__('Your access to %1 has expired.', which));
    default:
      return null;
  }
}

/** Whoever holds a release hears when its owner moves it towards its end. */
function ending(before: ISight, now: ISight, words: Words): INotice[] {
  const known = new Map(before.catalogue.map(each => [each.ref, each.state]));
  const held = new Map(
    now.requests
      .filter(each => each.grant?.state === 'active')
      .map(each => [each.ref, each.id])
  );
  return now.catalogue
    .filter(each => held.has(each.ref) && !each.mine)
    .filter(each => known.has(each.ref) && known.get(each.ref) !== each.state)
    .map(each => {
      const { label, explain } = words.release(each.state);
      return {
        kind: 'plain',
        text: words.trans.__(
          '%1 is now %2. %3',
          shortRef(each.ref),
          label,
          explain
        ),
        request: held.get(each.ref) ?? null
      };
    });
}

function waiting(before: ISight, now: ISight, words: Words): INotice[] {
  const known = new Set(before.review.map(each => each.id));
  const fresh = now.review.filter(each => !known.has(each.id));
  const [first] = fresh;
  if (first === undefined) {
    return [];
  }
  const t = words.trans;
  const text =
    fresh.length === 1
      ? t.__(
          '1 to review: %1 asks for %2.',
          first.person.name,
          shortRef(first.ref)
        )
      : t.__('%1 to review.', String(now.review.length));
  return [
    { kind: 'plain', text, request: fresh.length === 1 ? first.id : null }
  ];
}

function lastVoter(request: IRequest): IPerson | undefined {
  return request.votes.visible[request.votes.visible.length - 1]?.reviewer;
}
