// Requests to the JobManager, and what is known of the connection to it.

import { PREFIX } from '../base';
import { createStore } from '../store';

export class ApiError extends Error {
  // 0: no answer came.
  readonly status: number;
  readonly request: string;

  constructor(status: number, request: string, message: string) {
    super(message);
    this.status = status;
    this.request = request;
  }
}

export interface Connection {
  // Since when no request has been answered; 0 while all is well.
  lostSince: number;
  // The server wants a token, or refused the one it got.
  needsToken: boolean;
}

export const connection = createStore<Connection>({ lostSince: 0, needsToken: false });

const TOKEN = 'weir.token';
// Kept for this tab only: a token in a lasting store would outlive the person at the keyboard.
export const setToken = (token: string) => {
  sessionStorage.setItem(TOKEN, token);
  connection.set({ ...connection.get(), needsToken: false });
};

function headers(more: Record<string, string> = {}): Record<string, string> {
  const token = sessionStorage.getItem(TOKEN);
  return token ? { ...more, Authorization: `Bearer ${token}` } : more;
}

// What an answer says is wrong: the first sentence of {"errors": [...]}. Flink's stack traces begin at the second line.
export function sentenceOf(status: number, text: string): string {
  try {
    const body = JSON.parse(text) as { errors?: unknown[] };
    const errors = (body.errors ?? []).filter((error): error is string => typeof error === 'string' && error !== '');
    if (errors.length > 0) return errors.join('\n');
  } catch {
    // Not JSON: a proxy in between, perhaps.
  }
  return text.trim().slice(0, 300) || `the server answered with status ${status}`;
}

function answered(status: number) {
  const now = connection.get();
  // One answer without a token does not mean that none is needed: /config may be open to all.
  const needsToken = now.needsToken || status === 401;
  if (now.lostSince !== 0 || now.needsToken !== needsToken) connection.set({ lostSince: 0, needsToken });
}

function unanswered() {
  const now = connection.get();
  if (now.lostSince === 0) connection.set({ ...now, lostSince: Date.now() });
}

export interface RequestOptions {
  method?: string;
  body?: unknown;
  signal?: AbortSignal | undefined;
  headers?: Record<string, string>;
}

// The answer, whatever its status. Throws ApiError with status 0 when none comes.
export async function fetchRaw(path: string, options: RequestOptions = {}): Promise<Response> {
  const method = options.method ?? 'GET';
  // A browser says no length for a PATCH or DELETE without a body, and servers may wait for one: an empty object is as good.
  const body = options.body ?? (method === 'GET' ? undefined : {});
  const json = body === undefined ? undefined : JSON.stringify(body);
  const own = json === undefined ? options.headers : { ...options.headers, 'Content-Type': 'application/json' };
  try {
    const response = await fetch(PREFIX + path, {
      method,
      headers: headers(own),
      ...(json === undefined ? {} : { body: json }),
      ...(options.signal ? { signal: options.signal } : {}),
    });
    // A proxy whose server is gone answers for it.
    if ([502, 503, 504].includes(response.status) && !isJson(response)) unanswered();
    else answered(response.status);
    return response;
  } catch (error) {
    if (options.signal?.aborted) throw error;
    unanswered();
    throw new ApiError(0, `${method} ${path}`, 'The JobManager does not answer.');
  }
}

const isJson = (response: Response) => (response.headers.get('Content-Type') ?? '').includes('json');

export async function request<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const response = await fetchRaw(path, options);
  const text = await response.text();
  if (!response.ok) {
    throw new ApiError(response.status, `${options.method ?? 'GET'} ${path}`, sentenceOf(response.status, text));
  }
  return (text === '' ? {} : JSON.parse(text)) as T;
}

// An upload with its progress, which fetch does not tell.
export function upload(path: string, file: File, onProgress: (share: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const form = new FormData();
    form.append('jarfile', file, file.name);
    const call = new XMLHttpRequest();
    call.open('POST', PREFIX + path);
    for (const [name, value] of Object.entries(headers())) call.setRequestHeader(name, value);
    call.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    call.onerror = () => reject(new ApiError(0, `POST ${path}`, 'The upload broke off.'));
    call.onload = () =>
      call.status < 300
        ? resolve()
        : reject(new ApiError(call.status, `POST ${path}`, sentenceOf(call.status, call.responseText)));
    call.send(form);
  });
}

// Saves an answer as a file. A plain link would not carry the token.
export async function download(path: string, name: string) {
  const response = await fetchRaw(path);
  if (!response.ok)
    throw new ApiError(response.status, `GET ${path}`, sentenceOf(response.status, await response.text()));
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await response.blob());
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
