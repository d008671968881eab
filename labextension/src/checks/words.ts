/** Every word of the Checks tab, with its explanation. Pure. */
import type { ITrans, IWord, Tone } from '../words';
import { percent, percents } from './numbers';
import type {
  CheckOutcome,
  How,
  IExposure,
  IKept,
  ILeakageReport,
  Keeping,
  Level,
  Method,
  ScanOutcome
} from './types';

/** The words as they are, where nothing translates them. */
export const PLAIN: ITrans = {
  __: (text, ...args) => filled(text, args),
  _n: (one, many, n) => filled(n === 1 ? one : many, [String(n)])
};

function filled(text: string, args: string[]): string {
  return text.replace(
    /%(\d)/g,
    (all, at: string) => args[Number(at) - 1] ?? all
  );
}

type Named = [string, string];

export class CheckWords {
  constructor(readonly trans: ITrans) {}

  outcome(outcome: CheckOutcome): IWord {
    const t = this.trans;
    const words: Record<CheckOutcome, [string, Tone, string]> = {
      failed: [t.__('failed'), 'bad', t.__('Something was found that counts.')],
      concern: [t.__('to weigh'), 'ask', t.__('A person has to weigh this.')],
      unknown: [t.__('not measured'), 'plain', t.__('Nobody measured this.')],
      passed: [
        t.__('passed'),
        'good',
        t.__('Nothing was found by what was tried.')
      ]
    };
    return word(words[outcome], outcome);
  }

  level(level: Level): IWord {
    const t = this.trans;
    const words: Record<Level, [string, Tone, string]> = {
      unsafe: [t.__('unsafe'), 'bad', t.__('Stops sharing and opening.')],
      concern: [t.__('to weigh'), 'ask', t.__('A person has to weigh this.')],
      note: [t.__('note'), 'plain', t.__('Worth knowing; nothing to do.')]
    };
    return word(words[level], level);
  }

  scanned(outcome: ScanOutcome): IWord {
    const t = this.trans;
    const words: Record<ScanOutcome, [string, Tone, string]> = {
      safe: [t.__('safe form'), 'good', t.__('This form cannot run code.')],
      allowed: [
        t.__('all it asks for is known'),
        'plain',
        t.__('This form can run code; what this file asks for is harmless.')
      ],
      unsafe: [
        t.__('could run code'),
        'bad',
        t.__('Opening it could run code of somebody else, or nobody can tell.')
      ]
    };
    return word(words[outcome], outcome);
  }

  /** An attack in two or three words, and what it does. */
  method(method: Method): { label: string; explain: string } {
    const t = this.trans;
    const words: Record<Method, Named> = {
      loss: [
        t.__('how wrong it is'),
        t.__('Compares the answer of the model with the truth.')
      ],
      by_class: [
        t.__('unlike its class'),
        t.__('Compares the answer with other answers for the same class.')
      ],
      by_neighbours: [
        t.__('unlike similar records'),
        t.__('Compares the answer with those for the most similar records.')
      ],
      ratio: [
        t.__('ratio to other models'),
        t.__('Compares with models that never saw the record (RMIA).')
      ],
      difference: [
        t.__('difference to other models'),
        t.__('The same as the ratio, as a difference of logarithms.')
      ],
      offline: [
        t.__('spread of other models'),
        t.__('Compares with how models vary that never saw it (LiRA offline).')
      ],
      online: [
        t.__('both spreads of models'),
        t.__('And with models that did see the record (LiRA online).')
      ],
      learned: [
        t.__('all comparisons, weighed'),
        t.__('Weighed as the models trained for the attack teach it.')
      ]
    };
    return named(words[method], method);
  }

  keeping(kind: Keeping): { label: string; explain: string } {
    const t = this.trans;
    const words: Record<Keeping, Named> = {
      rows: [t.__('rows'), t.__('Rows of the training data.')],
      targets: [t.__('targets'), t.__('What was to be predicted.')],
      values: [t.__('single values'), t.__('Values of single columns.')],
      categories: [t.__('rare texts'), t.__('Texts that few rows have.')],
      vocabulary: [t.__('rare words'), t.__('Words that few rows have.')],
      leaves: [
        t.__('small leaves'),
        t.__('Groups of a tree with too few people in them.')
      ],
      extremes: [
        t.__('smallest and largest values'),
        t.__('The ends of the range of a column.')
      ],
      labels: [
        t.__('class of each row'),
        t.__('The class of each training row, in order.')
      ],
      aligned: [
        t.__('a number for each row'),
        t.__('Something computed for each training row, in order.')
      ]
    };
    return named(words[kind], kind);
  }

  how(kept: Pick<IKept, 'how' | 'transposed' | 'after'>): string {
    const t = this.trans;
    const words: Record<How, string> = {
      exact: t.__('exactly'),
      rounded: t.__('rounded'),
      near: t.__('to within a millionth'),
      affine: t.__('shifted and scaled'),
      monotone: t.__('changed, their order kept'),
      linear: t.__('columns mixed'),
      counted: t.__('people in them were counted')
    };
    return [
      words[kept.how] ?? plain(kept.how),
      ...(kept.transposed ? [t.__('transposed')] : []),
      ...(kept.after ? [t.__('after %1', kept.after)] : [])
    ].join(', ');
  }

  /** “3 of 768”. */
  share(count: number, of: number): string {
    return this.trans.__('%1 of %2', String(count), String(of));
  }

  /** What was tried, so that its result can be weighed. */
  tried(report: ILeakageReport): string {
    const t = this.trans;
    const answers: Record<ILeakageReport['answers'], string> = {
      probabilities: t.__('probabilities'),
      scores: t.__('scores of each class'),
      labels: t.__('the class alone'),
      numbers: t.__('numbers')
    };
    return [
      report.tier === 'quick'
        ? t.__('Quick look: only the model itself was asked.')
        : t._n(
            'Thorough: %1 model was trained again to compare with.',
            'Thorough: %1 models were trained again to compare with.',
            report.references
          ),
      t.__(
        'Tried on %1 members (records it was trained on) and %2 strangers (records it has not seen).',
        String(report.members),
        String(report.nonmembers)
      ),
      t.__(
        'The attacker saw: %1.',
        answers[report.answers] ?? plain(report.answers)
      )
    ].join(' ');
  }

  /** One point of the picture, in words. */
  reading(method: Method, at: number, value: number): string {
    return this.trans.__(
      '%1: with %2 of the strangers wrongly taken for members, %3 of the members are recognised; by chance it would be %2.',
      this.method(method).label,
      percent(at),
      percent(value)
    );
  }

  /** The picture in one sentence, for who does not see it. */
  picture(report: ILeakageReport): string {
    const t = this.trans;
    const { strongest } = report;
    if (strongest === null) {
      return t.__('No attack could be carried out.');
    }
    const { at, value, interval } = strongest.rate;
    if (value === null || interval === null) {
      return t.__(
        'There are too few strangers to say how many members are recognised at few false alarms.'
      );
    }
    return t.__(
      'With %1 of the strangers wrongly taken for members, the strongest of the attacks recognises %2 of the members (95 % interval %3); by chance it would be %1.',
      percent(at),
      percent(value),
      percents(interval)
    );
  }

  /** Who is recognised almost for certain: positions, never values. */
  exposure(exposure: IExposure): string {
    const t = this.trans;
    const { recognised, expected, positions, at } = exposure;
    const counted = t._n(
      '%1 training row is recognised',
      '%1 training rows are recognised',
      recognised
    );
    const chance = t.__(
      'at %1 false alarms; by chance it would be %2.',
      percent(at),
      String(Number(expected.toPrecision(2)))
    );
    return `${counted} ${chance}${positions.length > 0 ? ` ${this.rows(positions, recognised)}` : ''}`;
  }

  /** “Rows 12, 40, 77 of the training data, counted from 0, and 3 more.” */
  rows(positions: number[], of = positions.length): string {
    const t = this.trans;
    const listed = positions.join(', ');
    const more = Math.max(0, of - positions.length);
    if (more > 0) {
      return t.__(
        'Rows %1 of the training data (counted from 0), and %2 more.',
        listed,
        String(more)
      );
    }
    return positions.length === 1
      ? t.__('Row %1 of the training data (counted from 0).', listed)
      : t.__('Rows %1 of the training data (counted from 0).', listed);
  }
}

function word(found: [string, Tone, string] | undefined, raw: string): IWord {
  const [label, tone, explain] = found ?? [plain(raw), 'plain', ''];
  return { label, tone, explain };
}

function named(
  found: Named | undefined,
  raw: string
): { label: string; explain: string } {
  const [label, explain] = found ?? [plain(raw), ''];
  return { label, explain };
}

/** A word that the server added later. */
function plain(raw: string): string {
  return raw.replace(/_/g, ' ');
}
