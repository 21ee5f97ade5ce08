import { expect, it } from 'vitest';
import { startOf } from '@/shared/about';
import { agentWords } from './agent';
import { faultOf } from './PasswordTwice';

it('a password is as long as the server takes it, counted as the server counts', () => {
  const twice = (first: string, again = first) => faultOf({ first, again });
  expect(twice('1234567')).toBe('short');
  expect(twice('12345678')).toBe(null);
  expect(twice('一二三四五六七')).toBe('short');
  expect(twice('😀😀😀😀')).toBe('short');
  expect(twice('x'.repeat(256))).toBe(null);
  expect(twice('密'.repeat(85))).toBe(null);
  expect(twice('密'.repeat(86))).toBe('long');
  expect(twice('12345678', '12345679')).toBe('differ');
});

it('a browser is told by the name that its owner knows', () => {
  const chrome = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36';
  expect(agentWords(chrome)).toEqual({ browser: 'Chrome', system: 'Windows' });
  expect(agentWords(`${chrome} Edg/124.0.0.0`)).toEqual({ browser: 'Edge', system: 'Windows' });
  expect(agentWords('Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4 Mobile/15E148 Safari/604.1')).toEqual({ browser: 'Safari', system: 'iOS' });
  expect(agentWords('Mozilla/5.0 (Linux; Android 13; V2')).toEqual({ browser: '', system: 'Android' });
  expect(agentWords('Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Chrome/116.0 Mobile Safari/537.36 MicroMessenger/8.0')).toEqual({ browser: 'WeChat', system: 'Android' });
  expect(agentWords('muster begin')).toEqual({ browser: '', system: '' });
});

it('everybody begins with what they are here for', () => {
  expect(startOf([])).toBe('/');
  expect(startOf(['unit.read', 'figure.read', 'report.file'])).toBe('/phone');
  expect(startOf(['unit.read', 'figure.read', 'report.file', 'unit.change', 'account.read'])).toBe('/');
  expect(startOf(['unit.read', 'figure.read'])).toBe('/');
  expect(startOf(['unit.read', 'account.read', 'grant.give'])).toBe('/people');
});
