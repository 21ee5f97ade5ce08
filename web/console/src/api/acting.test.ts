import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { act, acting, actingFor, LASTS_MS, saysWho, type Acting } from './acting';

const LEADER: Acting = { account: 'liu', unit: { code: '省/R', name: 'R' }, post: { code: 'leader', name: 'Leader' }, at: '2020-02-03T09:00:00+08:00', means: 'telephone', until: 0 };

/** What nobody does for another: it is sent, and the server says so. */
const REFUSED = [
  'POST /api/v1/accounts/{id}/data',
  'POST /api/v1/accounts/{id}/letter',
  'POST /api/v1/imports/book',
  'POST /api/v1/imports/reports',
  'POST /api/v1/imports/units',
  'POST /api/v1/links',
  'POST /api/v1/reports/bulk',
  'PUT /api/v1/reports/{unit}/{day}',
  'PUT /api/v1/reports/{unit}/{day}/scan',
];

type Contract = { paths: Record<string, Record<string, { parameters?: { name: string; in: string }[] }>> };

afterEach(() => {
  act(null);
  vi.useRealTimers();
});

describe('acting for somebody', () => {
  it('is said at every door that takes it, and at no door of one’s own account', () => {
    const contract = JSON.parse(readFileSync(join(import.meta.dirname, '../../../../openapi.json'), 'utf8')) as Contract;
    const doors = Object.entries(contract.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, door]) => ({ path, method: method.toUpperCase(), takes: door.parameters?.some((p) => p.in === 'header' && p.name.toLowerCase() === 'acting-for') ?? false })));
    const taking = doors.filter((door) => door.takes);
    expect(taking.length).toBeGreaterThan(20);
    expect(taking.filter((door) => !saysWho(door.method, door.path))).toEqual([]);
    const refused = doors.filter((door) => !door.takes && saysWho(door.method, door.path)).map((door) => `${door.method} ${door.path}`);
    expect(refused.sort()).toEqual(REFUSED);
  });

  it('says a code in any script, and ends after an hour', () => {
    vi.useFakeTimers();
    expect(actingFor('PATCH', '/api/v1/units/F11')).toEqual({});
    act({ ...LEADER, until: Date.now() + LASTS_MS });
    expect(acting()).toBe(acting());
    expect(actingFor('PATCH', '/api/v1/units/F11')).toEqual({ 'acting-for': 'unit=%E7%9C%81%2FR; post=leader; at=2020-02-03T09:00:00+08:00; means=telephone' });
    expect(actingFor('GET', '/api/v1/units/F11')).toEqual({});
    expect(actingFor('DELETE', '/api/v1/session')).toEqual({});
    vi.advanceTimersByTime(LASTS_MS - 1);
    expect(acting()).not.toBeNull();
    vi.advanceTimersByTime(1);
    expect(actingFor('PATCH', '/api/v1/units/F11')).toEqual({});
  });

  it('is nobody where what is kept cannot be read', () => {
    sessionStorage.setItem('muster.acting', '{');
    expect(acting()).toBeNull();
  });
});
