// Looks a device up in the client's register by its serial number: the Rust example once more, for the same
// plugin.toml and the same fixtures.

import { get as callContext } from 'naryad:plugin/context@0.1.1';
import { write as log } from 'naryad:plugin/log@0.1.1';
import { send } from 'naryad:plugin/http@0.1.1';

// The names that the manifest declares.
const byName = { look_up: lookUp };

export const functions = {
  call(name, input) {
    const run = byName[name];
    if (!run) throw problem('unknown_function', `This plugin has no function \`${name}\`.`);
    return JSON.stringify(run(JSON.parse(input)));
  },
};

function lookUp({ serial }) {
  const { base_url } = JSON.parse(callContext().configuration);
  const response = request({
    method: 'get',
    url: `${base_url.replace(/\/+$/, '')}/devices?serial=${encodeURIComponent(serial)}`,
    // The secret's name; its value never enters the plugin.
    authentication: { tag: 'bearer', val: 'register_token' },
  });
  if (response.status === 404) {
    log('info', `The register does not know ${serial}.`);
    return { known: false, model: '', warranty_until: '' };
  }
  const { model, warranty_until } = JSON.parse(text(successful(response).body));
  return { known: true, model, warranty_until };
}

// What `result` in the contract calls an error is thrown here, and caught.
function request(parts) {
  try {
    return send({ headers: [], body: undefined, timeoutMs: undefined, ...parts });
  } catch (error) {
    const { tag, val } = error.payload ?? error;
    const words = { 'timed-out': 'The system did not answer in time.', 'too-large': 'The answer is larger than 4 MiB.' };
    const again = tag === 'unreachable' || tag === 'timed-out';
    throw problem(tag.replace('-', '_'), val ?? words[tag], again ? { tag: 'later' } : undefined);
  }
}

function successful(response) {
  const { status } = response;
  if (status >= 200 && status < 300) return response;
  if (status === 401 || status === 403) throw problem('refused_login', `The system refused the credentials (status ${status}).`);
  if (status === 429 || status === 503) {
    const seconds = Number(response.headers.find(([name]) => name === 'retry-after')?.[1]);
    const retry = Number.isInteger(seconds) ? { tag: 'after-seconds', val: seconds } : { tag: 'later' };
    throw problem('busy', `The system is busy (status ${status}).`, retry);
  }
  if (status >= 500) throw problem('system_failed', `The system failed (status ${status}).`, { tag: 'later' });
  throw problem('request_refused', `The system refused the request (status ${status}).`);
}

function problem(code, message, retry = { tag: 'never' }) {
  return { code, message, retry };
}

function text(bytes) {
  return new TextDecoder().decode(bytes);
}
