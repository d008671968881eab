/**
 * Every word shown for a right, a state, a purpose, a sensitivity: one place, with its explanation.
 *
 * Pure: needs nothing but a translation bundle.
 */
import type {
  Band,
  GrantState,
  IPerson,
  IRequest,
  PurposeKind,
  ReleaseState,
  ReleaseVerb,
  RequestState,
  Right,
  Sensitivity,
  Turn,
  Verdict,
  VoteKind
} from './tokens';

/** The part of Lab's translation bundle that is used here. */
export interface ITrans {
  __(text: string, ...args: string[]): string;
  _n(one: string, many: string, n: number): string;
}

/** Decides icon and colour together, so that colour never stands alone. */
export type Tone = 'good' | 'bad' | 'wait' | 'ask' | 'plain';

export interface IWord {
  label: string;
  explain: string;
  tone: Tone;
}

export interface IRightWords {
  label: string;
  /** As the object of “may …”: “get the weights”. */
  verb: string;
  gets: string;
  lacks: string;
}

export const RIGHTS: Right[] = ['infer', 'retrieve', 'fine_tune'];
export const PURPOSES: PurposeKind[] = [
  'research',
  'evaluation',
  'teaching',
  'audit',
  'production'
];
export const SENSITIVITIES: Sensitivity[] = [
  'open',
  'internal',
  'confidential',
  'restricted'
];

/** The kinds of entries a log can have, for its filter. */
export const KINDS = [
  'enrolled',
  'published',
  'requested',
  'resubmitted',
  'request_withdrawn',
  'voted',
  'approved',
  'returned',
  'rejected',
  'granted',
  'revoked',
  'expired',
  'opened',
  'loaded',
  'refused',
  'deprecated',
  'retired',
  'withdrawn',
  'custodian_added',
  'suspended',
  'reinstated',
  'policy_changed'
];

export class Words {
  constructor(readonly trans: ITrans) {}

  right(right: Right): IRightWords {
    const t = this.trans;
    const words: Record<Right, IRightWords> = {
      infer: {
        label: t.__('Run hosted'),
        verb: t.__('run it hosted'),
        gets: t.__('Send inputs and get predictions back.'),
        lacks: t.__('The model itself never reaches you.')
      },
      retrieve: {
        label: t.__('Get the weights'),
        verb: t.__('get the weights'),
        gets: t.__('Download the model and use it on your machine.'),
        lacks: t.__('You may not pass it on or train it further.')
      },
      fine_tune: {
        label: t.__('Fine-tune'),
        verb: t.__('fine-tune it'),
        gets: t.__('Download the model and train it further on your data.'),
        lacks: t.__('You may not pass the original on.')
      }
    };
    return (
      words[right] ?? { label: right, verb: right, gets: right, lacks: '' }
    );
  }

  request(state: RequestState): IWord {
    const t = this.trans;
    const words: Record<RequestState, [string, Tone, string]> = {
      submitted: [t.__('sent'), 'wait', t.__('Sent; reviewers see it next.')],
      in_review: [t.__('in review'), 'wait', t.__('Reviewers have it now.')],
      returned: [
        t.__('question for you'),
        'ask',
        t.__('A reviewer asks something. Answer it and send it again.')
      ],
      approved: [
        t.__('approved'),
        'wait',
        t.__('Approved; access is being prepared.')
      ],
      granted: [t.__('granted'), 'good', t.__('You can use it now.')],
      rejected: [
        t.__('rejected'),
        'bad',
        t.__('Not given, for the reason shown. You can ask again.')
      ],
      withdrawn: [t.__('taken back'), 'plain', t.__('You took it back.')],
      expired: [
        t.__('expired'),
        'plain',
        t.__('The agreed time is over. You can renew it.')
      ],
      revoked: [
        t.__('revoked'),
        'bad',
        t.__('Access was ended early, for the reason shown.')
      ]
    };
    return word(words[state], state);
  }

  grant(state: GrantState): IWord {
    const t = this.trans;
    const words: Record<GrantState, [string, Tone, string]> = {
      active: [t.__('active'), 'good', t.__('Can use the release now.')],
      expired: [t.__('expired'), 'plain', t.__('The agreed time is over.')],
      revoked: [t.__('revoked'), 'bad', t.__('Ended early.')]
    };
    return word(words[state], state);
  }

  release(state: ReleaseState): IWord {
    const t = this.trans;
    const words: Record<ReleaseState, [string, Tone, string]> = {
      published: [t.__('published'), 'good', t.__('Can be asked for.')],
      deprecated: [
        t.__('deprecated'),
        'ask',
        t.__('There is something better: only renewals are possible.')
      ],
      retired: [
        t.__('retired'),
        'plain',
        t.__('No new access. Who has access keeps it until it ends.')
      ],
      withdrawn: [
        t.__('withdrawn'),
        'bad',
        t.__('Closed after an incident: nobody gets access any more.')
      ]
    };
    return word(words[state], state);
  }

  sensitivity(level: Sensitivity): IWord {
    const t = this.trans;
    const words: Record<Sensitivity, [string, Tone, string]> = {
      open: [
        t.__('open'),
        'good',
        t.__('Made for the public; no reviewer needed.')
      ],
      internal: [
        t.__('internal'),
        'plain',
        t.__('For members of the exchange; one reviewer decides.')
      ],
      confidential: [
        t.__('confidential'),
        'ask',
        t.__('Trained on data about people; one reviewer, at most 30 days.')
      ],
      restricted: [
        t.__('restricted'),
        'bad',
        t.__(
          'Could harm people if leaked; two independent reviewers, at most 14 days.'
        )
      ]
    };
    return word(words[level], level);
  }

  purpose(kind: PurposeKind): { label: string; explain: string } {
    const t = this.trans;
    const words: Record<PurposeKind, [string, string]> = {
      research: [t.__('Research'), t.__('To answer a scientific question.')],
      evaluation: [
        t.__('Evaluation'),
        t.__('To measure how well it works, for example at another site.')
      ],
      teaching: [t.__('Teaching'), t.__('To show it in a course.')],
      audit: [t.__('Audit'), t.__('To check that rules were followed.')],
      production: [
        t.__('Production'),
        t.__('To use it in daily work; the terms must allow that.')
      ]
    };
    const [label, explain] = words[kind] ?? [kind, ''];
    return { label, explain };
  }

  verdict(outcome: Verdict): IWord {
    const t = this.trans;
    const words: Record<Verdict, [string, Tone, string]> = {
      passed: [t.__('passed'), 'good', t.__('Checked; nothing found.')],
      failed: [t.__('failed'), 'bad', t.__('Checked; something was found.')],
      unknown: [t.__('not measured'), 'ask', t.__('Nobody checked this yet.')]
    };
    return word(words[outcome], outcome);
  }

  leakage(band: Band): IWord {
    const t = this.trans;
    const words: Record<Band, [string, Tone, string]> = {
      low: [
        t.__('low'),
        'good',
        t.__(
          'The model hardly tells whether a person was in the training data.'
        )
      ],
      medium: [
        t.__('medium'),
        'ask',
        t.__('The model tells somewhat who was in the training data.')
      ],
      high: [
        t.__('high'),
        'bad',
        t.__('The model tells rather well who was in the training data.')
      ],
      unknown: [t.__('not measured'), 'ask', t.__('Nobody measured this yet.')]
    };
    return word(words[band], band);
  }

  vote(kind: VoteKind): { label: string; done: string } {
    const t = this.trans;
    const words: Record<VoteKind, [string, string]> = {
      approve: [t.__('Approve'), t.__('approved')],
      return: [t.__('Return with questions'), t.__('returned with questions')],
      reject: [t.__('Reject'), t.__('rejected')]
    };
    const [label, done] = words[kind] ?? [kind, kind];
    return { label, done };
  }

  turn(request: IRequest, viewer: IPerson | null): string {
    const t = this.trans;
    const mine = viewer?.id === request.person.id;
    const words: Record<Turn, string> = {
      requester: mine
        ? t.__('your turn')
        : t.__("%1's turn", request.person.name),
      reviewers: t.__("reviewers' turn"),
      system: t.__('being prepared'),
      nobody: t.__('closed')
    };
    return words[request.owner] ?? '';
  }

  /** `which` is the release as people call it. */
  verb(
    verb: ReleaseVerb,
    which: string
  ): {
    label: string;
    title: string;
    warning: string;
    final: boolean;
  } {
    const t = this.trans;
    const words: Record<ReleaseVerb, [string, string, string, boolean]> = {
      deprecate: [
        t.__('Deprecate…'),
        t.__('Deprecate %1?', which),
        t.__(
          'People who have access keep it and may renew. New people cannot ask any more.'
        ),
        false
      ],
      retire: [
        t.__('Retire…'),
        t.__('Retire %1?', which),
        t.__(
          'No new access and no renewals. Who has access keeps it until it ends, and is told. This cannot be undone.'
        ),
        true
      ],
      withdraw: [
        t.__('Withdraw…'),
        t.__('Withdraw %1 after an incident?', which),
        t.__(
          'All access ends at once and everybody who holds it is told. Copies already downloaded cannot be called back. This cannot be undone.'
        ),
        true
      ]
    };
    const [label, title, warning, final] = words[verb];
    return { label, title, warning, final };
  }

  /** What an entry of the log is about; a kind nobody gave a word is still readable. */
  kind(kind: string): string {
    const t = this.trans;
    const words: Record<string, string> = {
      enrolled: t.__('joined'),
      published: t.__('published'),
      requested: t.__('asked'),
      resubmitted: t.__('asked again'),
      request_withdrawn: t.__('request taken back'),
      voted: t.__('voted'),
      approved: t.__('approved'),
      returned: t.__('returned with questions'),
      rejected: t.__('rejected'),
      granted: t.__('access given'),
      revoked: t.__('access ended early'),
      expired: t.__('access ended'),
      opened: t.__('opened'),
      loaded: t.__('loaded as a program'),
      refused: t.__('refused'),
      deprecated: t.__('deprecated'),
      retired: t.__('retired'),
      withdrawn: t.__('withdrawn'),
      custodian_added: t.__('reviewer added'),
      suspended: t.__('person suspended'),
      reinstated: t.__('person let back in'),
      policy_changed: t.__('policies changed')
    };
    return words[kind] ?? kind.replace(/[._-]+/g, ' ');
  }

  role(role: string): string {
    const t = this.trans;
    const words: Record<string, string> = {
      researcher: t.__('researcher'),
      reviewer: t.__('reviewer'),
      auditor: t.__('auditor'),
      steward: t.__('steward'),
      evaluator: t.__('evaluator')
    };
    return words[role] ?? role;
  }

  days(days: number): string {
    return this.trans._n('%1 day', '%1 days', days);
  }
}

function word(found: [string, Tone, string] | undefined, raw: string): IWord {
  const [label, tone, explain] = found ?? [raw.replace(/_/g, ' '), 'plain', ''];
  return { label, tone, explain };
}

/** “cardio-lab/readmission:1.0” as people say it: “readmission 1.0”. */
export function shortRef(ref: string): string {
  const [name, version] = splitRef(ref);
  return `${name.slice(name.lastIndexOf('/') + 1)} ${version}`.trim();
}

/** Who publishes it: “cardio-lab”. */
export function orgOf(ref: string): string {
  return /^[^/]*(?=\/)/.exec(splitRef(ref)[0])?.[0] ?? '';
}

function splitRef(ref: string): [string, string] {
  const colon = ref.lastIndexOf(':');
  return colon < 0 ? [ref, ''] : [ref.slice(0, colon), ref.slice(colon + 1)];
}
