/** The only place that talks HTTP; typed, one method for each route. */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import type { IWhose, IWork } from './answers';
import type { IReleaseChecks } from './checks/types';
import type {
  IAsk,
  IDecision,
  IGrant,
  ILedgerFilter,
  ILedgerPage,
  ILedgerState,
  IProblemBody,
  IProvenance,
  IRelease,
  IReleaseChanges,
  IRequest,
  IRequestDetail,
  IStatus,
  PurposeKind,
  ReleaseVerb,
  Right,
  VoteKind
} from './tokens';

/** What the server said when it refused or failed, in the words people read. */
export class Problem extends Error {
  readonly kind: string;
  readonly status: number;
  readonly unchanged: string;
  readonly hint: string;
  readonly step: string | null;
  readonly decision: IDecision | null;

  constructor(status: number, body: Partial<IProblemBody>) {
    super(body.message || `The server answered with ${status}.`);
    this.name = 'Problem';
    this.status = status;
    this.kind = body.error ?? 'Unavailable';
    this.unchanged = body.unchanged ?? '';
    this.hint = body.hint ?? '';
    this.step = body.step ?? null;
    this.decision = body.decision ?? null;
  }

  /** Any thrown value as a Problem. */
  static of(thrown: unknown): Problem {
    if (thrown instanceof Problem) {
      return thrown;
    }
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new Problem(0, { error: 'Unavailable', message });
  }
}

export type ExportFormat = 'prov' | 'crate' | 'bom' | 'slsa';

/** Endings of file names, should the server suggest none. */
const ENDINGS: Record<ExportFormat, string> = {
  prov: 'prov.json',
  crate: 'ro-crate.zip',
  bom: 'cdx.json',
  slsa: 'slsa.json'
};

type Query = Record<string, string | number | undefined>;

export class Api {
  constructor(
    private readonly settings: ServerConnection.ISettings = ServerConnection.makeSettings()
  ) {}

  status(): Promise<IStatus> {
    return this.get('status');
  }

  playAs(person: string): Promise<IStatus> {
    return this.post('identity', { person });
  }

  unlock(passphrase: string): Promise<IStatus> {
    return this.post('unlock', { passphrase });
  }

  async catalogue(): Promise<IRelease[]> {
    return (await this.get<{ releases: IRelease[] }>('catalogue')).releases;
  }

  async requests(): Promise<IRequest[]> {
    return (await this.get<{ requests: IRequest[] }>('requests')).requests;
  }

  async review(): Promise<IRequest[]> {
    return (await this.get<{ requests: IRequest[] }>('review')).requests;
  }

  request(id: string): Promise<IRequestDetail> {
    return this.get('request', { id });
  }

  explain(question: {
    ref: string;
    right: Right;
    purpose_category: PurposeKind;
    days: number;
  }): Promise<IDecision> {
    return this.post('explain', question);
  }

  ask(ask: IAsk): Promise<IRequest> {
    return this.post('request', ask);
  }

  resubmit(id: string, ask: IAsk): Promise<IRequest> {
    const { purpose, days, right, accepted_terms } = ask;
    const body = { id, purpose, days, right, accepted_terms };
    return this.post('request/resubmit', body);
  }

  withdraw(id: string): Promise<IRequest> {
    return this.post('request/withdraw', { id });
  }

  decide(decision: {
    id: string;
    vote: VoteKind;
    rationale: string;
    days?: number;
    right?: Right;
    mark?: boolean;
    work?: string;
  }): Promise<IRequest> {
    return this.post('decide', decision);
  }

  /** Whose marked copy of a release a file of this server is. */
  trace(path: string, ref: string, work: string): Promise<IWhose> {
    return this.post('trace', { path, ref, work });
  }

  /** How far long work is, by the name under which it was begun. */
  async work(id: string): Promise<IWork | null> {
    return (await this.get<{ work: IWork | null }>('work', { id })).work;
  }

  /** Cancel long work; false when it was too late. */
  async cancel(id: string): Promise<boolean> {
    const answer = await this.post<{ cancelled: boolean }>('work/cancel', {
      id
    });
    return answer.cancelled;
  }

  moveRelease(
    ref: string,
    verb: ReleaseVerb,
    rationale: string
  ): Promise<IRelease> {
    return this.post('release/state', { ref, verb, rationale });
  }

  revoke(grant: string, rationale: string): Promise<IGrant> {
    return this.post('revoke', { grant, rationale });
  }

  ledger(filter: ILedgerFilter): Promise<ILedgerPage> {
    return this.get('ledger', { ...filter });
  }

  verifyLedger(): Promise<ILedgerState> {
    return this.post('ledger/verify', {});
  }

  /** The receipt of one entry, and the file name the server suggests for it. */
  async receipt(index: number): Promise<{ name: string; text: string }> {
    const response = await this.send('ledger/receipt', { index });
    return {
      name: fileName(response) ?? `entry-${index}.tlog-proof`,
      text: await response.text()
    };
  }

  /** The lineage of a release, and the releases before and after it. */
  provenance(ref: string): Promise<IProvenance> {
    return this.get('provenance', { ref });
  }

  /** The lineage in a form that other programs read. */
  async provenanceFile(
    ref: string,
    format: ExportFormat
  ): Promise<{ name: string; content: Blob }> {
    const response = await this.send('provenance/export', { ref, format });
    const usual = `${ref.replace(/[^\w.-]+/g, '-')}.${ENDINGS[format]}`;
    return {
      name: fileName(response) ?? usual,
      content: await response.blob()
    };
  }

  /** What a release has that the one before it had not, and the other way round. */
  changes(ref: string): Promise<IReleaseChanges> {
    return this.get('changes', { ref });
  }

  /** What was inspected of a release, and what came of it. */
  checks(ref: string): Promise<IReleaseChecks> {
    return this.get('checks', { ref });
  }

  private async get<T>(path: string, query: Query = {}): Promise<T> {
    const response = await this.send(path, query);
    return (await response.json()) as T;
  }

  private async post<T>(path: string, body: object): Promise<T> {
    const response = await this.send(path, {}, body);
    return (await response.json()) as T;
  }

  private async send(
    path: string,
    query: Query,
    body?: object
  ): Promise<Response> {
    const url = URLExt.join(this.settings.baseUrl, 'workbench', 'api', path);
    const init: RequestInit =
      body === undefined
        ? { method: 'GET' }
        : { method: 'POST', body: JSON.stringify(body) };
    let response: Response;
    try {
      response = await ServerConnection.makeRequest(
        url + queryString(query),
        init,
        this.settings
      );
    } catch {
      throw new Problem(0, {
        error: 'Unavailable',
        message: 'The Jupyter server does not answer.',
        hint: 'Check that it is still running, then try again.'
      });
    }
    if (!response.ok) {
      throw new Problem(response.status, await problemBody(response));
    }
    return response;
  }
}

function queryString(query: Query): string {
  const pairs = Object.entries(query)
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([key, value]) => `${key}=${encodeURIComponent(String(value))}`);
  return pairs.length > 0 ? `?${pairs.join('&')}` : '';
}

/** What the server calls a file; null when it does not say. */
function fileName(response: Response): string | null {
  const header = response.headers.get('Content-Disposition') ?? '';
  return /filename="?([^";]+)"?/.exec(header)?.[1] ?? null;
}

async function problemBody(response: Response): Promise<Partial<IProblemBody>> {
  let body: unknown;
  try {
    body = await response.json();
  } catch {
    return response.status === 404
      ? {
          error: 'Unavailable',
          message: 'The Sharing part of this Jupyter server is not running.',
          hint: 'Install the package sharing-workbench beside JupyterLab and restart the server.'
        }
      : {};
  }
  // A proxy in between may answer with any JSON.
  return typeof body === 'object' && body !== null ? body : {};
}
