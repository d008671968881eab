/** A server in memory: the real client in front of answers that a test writes. */
import { ServerConnection } from '@jupyterlab/services';

import { Api } from '../src/api';

export interface ICall {
  method: string;
  path: string;
  query: Record<string, string>;
  body: unknown;
}

export interface IAnswer {
  status?: number;
  json?: unknown;
  text?: string;
  headers?: Record<string, string>;
}

export type Route = (call: ICall) => IAnswer | Promise<IAnswer>;

export class MemoryServer {
  readonly calls: ICall[] = [];
  readonly api: Api;

  /** Routes by path, below `workbench/api/`. */
  constructor(readonly routes: Record<string, Route>) {
    const settings = ServerConnection.makeSettings({
      baseUrl: 'http://localhost:1/base/',
      fetch: (input, init) => this.answer(new Request(input, init))
    });
    this.api = new Api(settings);
  }

  /** How often a path was asked for. */
  count(path: string): number {
    return this.calls.filter(call => call.path === path).length;
  }

  private async answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const path = url.pathname.replace('/base/workbench/api/', '');
    const text = await request.text();
    const call = {
      method: request.method,
      path,
      query: Object.fromEntries(url.searchParams),
      body: text ? (JSON.parse(text) as unknown) : null
    };
    this.calls.push(call);
    const route = this.routes[path];
    if (!route) {
      return new Response('<html>no such page</html>', { status: 404 });
    }
    const { status = 200, json, text: plain, headers } = await route(call);
    return new Response(plain ?? JSON.stringify(json), { status, headers });
  }
}
