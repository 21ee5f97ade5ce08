import { describe, expect, it } from 'vitest';
import { broughtOf } from './away';

describe('what a service sends a browser back with', () => {
  const cases: [string, ReturnType<typeof broughtOf>][] = [
    ['', null],
    ['?code=a', null],
    ['?state=s&code=c&iss=https%3A%2F%2Fid.example&session_state=x&scope=openid', { state: 's', code: 'c', iss: 'https://id.example', error: undefined }],
    ['?error=access_denied&error_description=%3Cb%3E&state=s', { state: 's', code: undefined, iss: undefined, error: 'access_denied' }],
  ];
  for (const [search, expected] of cases) it(search || '(nothing)', () => expect(broughtOf(search)).toEqual(expected));
});
