// Answers /api/v1 in the dev server with the shapes of the real one. Never part of a build.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Connect, Plugin } from 'vite';
import { briefOf } from './brief.ts';
import { CUT_OFF, DAY, ELEMENTS, World, type Lang, type Node, type Value } from './world.ts';

type Ask = { url: URL; method: string; body: () => Promise<string>; lang: Lang; parts: string[] };

const iso = (ms: number) => `${new Date(ms + 8 * 3600e3).toISOString().slice(0, 19)}+08:00`;

class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    title: string,
    readonly retryAfter?: number,
  ) {
    super(title);
  }
}

export function mockServer(): Plugin {
  let world = new World();
  let role = 'office';
  const listeners = new Set<ServerResponse>();

  const emit = (event: string, data: unknown) => listeners.forEach((r) => r.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`));
  const node = (said: string | null): Node => {
    const code = (said ?? '').replace(/^unit:/, '') || 'R';
    const found = world.byCode.get(code);
    if (!found) throw new Refused(404, 'unit.unknown', `unknown unit ${code}`);
    return found;
  };
  const roles = (lang: Lang) =>
    [
      ['office', { 'zh-CN': '值班室', 'zh-TW': '值班室', en: 'Duty office' }, 'R'],
      ['group', { 'zh-CN': '集团填报人', 'zh-TW': '集團填報人', en: 'Group clerk' }, 'G07'],
      ['clerk', { 'zh-CN': '项目部填报人', 'zh-TW': '專案部填報人', en: 'Site clerk' }, 'F087-S2'],
    ].map(([id, name, unit]) => {
      const u = world.byCode.get(unit as string)!;
      return { id, name: (name as Record<Lang, string>)[lang], unit_code: u.code, unit_name: u.name[lang] };
    });
  const unitOf = (n: Node, lang: Lang) => ({
    code: n.code,
    name: n.name[lang],
    names: { 'zh-Hans': n.name['zh-CN'], 'zh-Hant': n.name['zh-TW'], en: n.name.en },
    kind: n.kind,
    parent: n.parent?.code ?? null,
    path: world.path(n).map((x) => ({ code: x.code, name: x.name[lang] })),
    place: n.place ? '340100' : null,
    place_name: n.place,
    classes: n.kind === 'site' ? ['site'] : [],
    time_zone: 'Asia/Shanghai',
    opened: '2019-01-01',
    closed: null,
    posts: n.reports ? [{ code: `${n.code}-duty`, name: lang === 'en' ? 'Duty desk' : '值班岗', holder: null, duty_phone: `000-555${String(1000 + (n.people % 9000)).slice(-4)}` }] : [],
    has_children: n.children.length > 0,
  });
  const totalsOf = (n: Node, lang: Lang) => {
    const c = world.counts(n);
    const rate = c.expected ? Math.round((c.reported / c.expected) * 1000) / 10 : null;
    return {
      node: { code: n.code, name: n.name[lang] },
      kind: n.kind,
      day: DAY,
      form: 'daily',
      rates: { expected: c.expected, actual: c.reported, actual_on_time: c.reported, reporting_rate: rate, reporting_rate_on_time: rate },
      zero: c.zero,
      missing: c.missing,
      late: 0,
      elements: ELEMENTS.filter((e) => e.class !== 'text').map((e) => {
        const s = world.sum(n, e.element);
        return { element: e.element, name: e.name[lang], class: e.class, unit: e.unit, ...s, parts: s.value, ...(n.code === 'G05' && s.value !== null ? { stated: s.value + 3 } : {}) };
      }),
      coverage: { by_parts: c.reported, by_statements: n.code === 'G05' ? 1 : 0 },
      has_statement: n.code === 'G05',
    };
  };
  const sheetOf = (n: Node, lang: Lang) => {
    const last = n.revs[n.revs.length - 1];
    const first = n.revs[0];
    return {
      unit: { code: n.code, name: n.name[lang] },
      path: world.path(n).slice(0, -1).map((x) => ({ code: x.code, name: x.name[lang] })),
      day: DAY,
      form: 'daily',
      form_name: lang === 'en' ? 'Daily epidemic report' : '疫情日报',
      version: 3,
      scope: 'alone',
      status: last ? last.act : world.frozen ? 'missing' : 'expected',
      cut_off: CUT_OFF,
      as_of: '2020-02-03T12:00:00+08:00',
      revision: last?.revision ?? 0,
      fields: ELEMENTS.map((e) => {
        const value = last?.values[e.element] ?? null;
        return { element: e.element, name: e.name[lang], class: e.class, value_type: { kind: e.class === 'text' ? 'text' : 'integer' }, unit: e.unit, required: e.required, min: 0, max: e.max, value, said: value !== null, yesterday: n.yesterday[e.element] ?? null };
      }),
      act: last && first ? { act: last.act, first_at: iso(first.at), last_at: iso(last.at), on_time: first.at < Date.parse(CUT_OFF) } : null,
    };
  };

  async function answer(ask: Ask): Promise<unknown> {
    const { parts, url, method, lang } = ask;
    const q = url.searchParams;
    const coded = (n: Node) => ({ code: n.code, name: n.name[lang] });
    switch (`${method} ${parts[0] ?? ''}`) {
      case 'GET about':
        return { product: 'Muster', version: '0.1.0', office: { 'zh-CN': '省属企业疫情防控值班室', 'zh-TW': '省屬企業疫情防控值班室', en: 'Duty office, provincial enterprises' }, operation: { code: 'op', name: lang === 'en' ? 'Epidemic response 2020' : '2020 年疫情防控' }, simulated: true, seed: 20200203, now: iso(world.now()), clock_offset_ms: world.now() - Date.now(), database: 'SQLite', login: 'demo', roles: roles(lang), today: DAY, form: 'daily', root: 'R' };
      case 'GET session': {
        const r = roles(lang).find((x) => x.id === role)!;
        return { account: role, name: r.name, role, unit: { code: r.unit_code, name: r.unit_name } };
      }
      case 'POST demo': {
        const body = JSON.parse((await ask.body()) || '{}') as { role?: string };
        if (parts[1] === 'role') role = body.role ?? 'office';
        else if (parts[1] === 'skip') {
          world.skipTo(Date.parse(CUT_OFF));
          emit('clock', {});
          emit('frozen', { day: DAY });
        } else if (parts[1] === 'reset') world = new World();
        return {};
      }
      case 'GET desk': {
        const left = (Date.parse(CUT_OFF) - world.now()) / 60000;
        return {
          day: DAY, now: iso(world.now()), form: 'daily', form_name: '疫情日报', cut_off: CUT_OFF, minutes_to_cut_off: Math.floor(left), frozen: world.frozen,
          totals: totalsOf(world.root, lang),
          figures: ['fever', 'isolation', 'returned', 'heavy_area'],
          tiles: world.root.children.filter((n) => n.kind === 'group').map((n) => ({ ...totalsOf(n, lang), unit: coded(n) })),
          contradictions: 1, corrections: 1,
          requests: [{ unit: coded(world.byCode.get('F012-S1')!), text: '口罩只够用两天，请协调 500 只。' }, { unit: coded(world.byCode.get('F155-S2')!), text: '返岗人员隔离用房不足，缺 6 间。' }],
        };
      }
      case 'GET units': {
        if (parts[1]) {
          const n = node(decodeURIComponent(parts[1]));
          if (parts[2] === 'history') return { facts: [{ fact: 'opened', since: '2019-01-01', until: null, value: n.name[lang] }, { fact: 'parent', since: '2020-01-20', until: null, value: n.parent?.name[lang] ?? '' }] };
          return unitOf(n, lang);
        }
        const text = q.get('q');
        const list = text ? [...world.byCode.values()].filter((n) => n.name[lang].includes(text) || n.code.includes(text)).slice(0, 50) : node(q.get('under')).children;
        return { items: list.map((n) => unitOf(n, lang)), next_cursor: null };
      }
      case 'GET reports': {
        const n = node(decodeURIComponent(parts[1]!));
        if (parts[3] !== 'history') return sheetOf(n, lang);
        return { unit: coded(n), day: DAY, revisions: n.revs.map((r, i) => ({ revision: r.revision, at: iso(r.at), actor: r.actor, action: 'report.file', act: r.act, reason: r.reason, receipt: r.receipt, changes: ELEMENTS.flatMap((e) => { const before = n.revs[i - 1]?.values[e.element] ?? null; const after = r.values[e.element] ?? null; return before === after ? [] : [{ element: e.element, name: e.name[lang], before, after }]; }) })).reverse() };
      }
      case 'PUT reports': {
        const n = node(decodeURIComponent(parts[1]!));
        const body = JSON.parse(await ask.body()) as { act: 'values' | 'zero'; values: Record<string, Value>; reason?: string };
        if (world.frozen) throw new Refused(409, 'day.frozen', 'the day is frozen');
        if (n.revs.length && !body.reason) throw new Refused(422, 'report.reason_missing', 'a correction needs a reason');
        const values = body.act === 'zero' ? { ...body.values, fever: 0 } : body.values;
        const r = world.file(n, body.act, values, body.reason ?? null, '填报人');
        const up = world.path(n);
        setTimeout(() => emit('totals', { day: DAY, form: 'daily', nodes: up.map((x) => x.code), at: iso(r.at) }), 15);
        return { receipt: r.receipt, unit: n.code, day: DAY, act: r.act, revision: r.revision, at: iso(r.at), on_time: true };
      }
      case 'GET totals': {
        const n = node(q.get('node'));
        if (parts[1] === 'children') return { items: n.children.map((x) => totalsOf(x, lang)) };
        if (parts[1] === 'series') {
          const e = q.get('element') ?? 'fever';
          const s = world.sum(n, e);
          return { element: e, name: e, points: Array.from({ length: 14 }, (_, i) => ({ day: new Date(Date.parse(DAY) - (13 - i) * 864e5).toISOString().slice(0, 10), value: i === 5 ? null : i === 13 ? s.value : Math.round((s.yesterday || 4) * (0.4 + 0.05 * i)), actual: i === 5 ? 0 : s.said, expected: s.base })) };
        }
        return totalsOf(n, lang);
      }
      case 'GET missing': {
        const n = node(q.get('node'));
        const all = world.reporting(n).filter((x) => !x.revs.length);
        const limit = Number(q.get('limit') ?? 50);
        const from = Number(q.get('cursor') || 0);
        const groupOf = (x: Node) => world.path(x)[1] ?? x;
        const groups = new Map<string, { unit: { code: string; name: string }; missing: number }>();
        for (const x of all) {
          const g = groupOf(x);
          groups.set(g.code, { unit: coded(g), missing: (groups.get(g.code)?.missing ?? 0) + 1 });
        }
        const text = `【催报】截至 ${iso(world.now()).slice(11, 16)},尚未报送疫情日报 ${all.length} 家,请于 15:00 前报送(无情况请报零):\n${all.slice(0, 200).map((x) => `${groupOf(x).name[lang]}/${x.name[lang]}`).join('\n')}`;
        return { day: DAY, cut_off: CUT_OFF, missing: all.length, groups: [...groups.values()], items: all.slice(from, from + limit).map((x) => ({ unit: coded(x), path: world.path(x).slice(0, -1).map(coded), post: '值班岗', duty_phone: unitOf(x, lang).posts[0]?.duty_phone, people: x.people })), next_cursor: from + limit < all.length ? String(from + limit) : null, reminder_text: text };
      }
      case 'GET contradictions': {
        const n = world.byCode.get('F031-S1')!;
        const unit = coded(n);
        const element = { element: 'fever', element_name: ELEMENTS[0].name[lang] };
        return { items: [{ unit, ...element, reported: 0, zero: true, reported_at: '2020-02-03T14:05:00+08:00', incidents: [{ id: '1', unit, ...element, value: 1, at: '2020-02-03T14:31:00+08:00', text: '门岗测温 37.9℃，一名装卸工已送发热门诊。' }] }] };
      }
      case 'GET corrections': {
        const n = world.byCode.get('F012-S1')!;
        return { items: n.revs.slice(1).map((r) => ({ unit: coded(n), day: DAY, revision: r.revision, at: iso(r.at), actor: r.actor, reason: r.reason, changes: [] })) };
      }
      case 'GET disagreements':
        return { compared: 3, agree: 2, items: [{ unit: coded(world.byCode.get('G05')!), element: 'returned', element_name: '已返岗', stated: 2310, below: 2307, said: 92, agrees: false }] };
      case 'GET briefs':
        if (!parts[1]) return { items: [{ day: DAY, frozen: world.frozen, made_at: iso(world.now()) }] };
        if (parts[2] === 'file') throw new Refused(503, 'printer.building', 'the printer is still being built', 3);
        if (parts[2] === 'compare') return { day: DAY, frozen_at: world.frozen ? CUT_OFF : null, differences: [] };
        return briefOf(world, lang);
      case 'POST briefs':
        world.frozen = true;
        emit('frozen', { day: DAY });
        return briefOf(world, lang);
      case 'POST imports': {
        await ask.body();
        const dry = q.get('dry_run') === 'true';
        return { rows: 214, accepted: 211, refused: 3, added: 198, changed: 11, closed: 2, unchanged: 0, dry_run: dry, columns: ['单位编码', '单位名称', '上级编码', '值班电话'], findings: [{ row: 18, column: '单位编码', cell: 'A18', field: 'code', code: 'id.scientific', severity: 'refuse', message: '3.5E+17 是被表格软件改写的长编号,末位已丢失;请把该列设为文本后重填。' }, { row: 52, column: '值班电话', cell: 'D52', field: 'duty_phone', code: 'phone.two', severity: 'warn', message: '一格内有两个电话,已取第一个。' }, { row: 77, column: '上级编码', cell: 'C77', field: 'parent', code: 'parent.unknown', severity: 'refuse', message: '上级 A-119 在表中没有,也不在单位树里。' }, { row: 90, column: '上级编码', cell: 'C90', field: 'parent', code: 'tree.circle', severity: 'refuse', message: 'A-90 经 A-31 又回到自己。' }] };
      }
      default:
        throw new Refused(404, 'unknown', `no such address ${url.pathname}`);
    }
  }

  const handle: Connect.NextHandleFunction = (req: IncomingMessage, res: ServerResponse, next) => {
    const url = new URL(req.url ?? '/', 'http://mock');
    if (!url.pathname.startsWith('/api/v1/')) return next();
    const said = req.headers['accept-language'] ?? 'zh-CN';
    const ask: Ask = {
      url,
      method: req.method ?? 'GET',
      parts: url.pathname.slice('/api/v1/'.length).split('/'),
      lang: said.startsWith('en') ? 'en' : said.startsWith('zh-TW') ? 'zh-TW' : 'zh-CN',
      body: () =>
        new Promise((done) => {
          let text = '';
          req.on('data', (c: Buffer) => (text += c.toString('utf8')));
          req.on('end', () => done(text));
        }),
    };
    if (ask.parts[0] === 'events') {
      res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      res.write(': open\n\n');
      listeners.add(res);
      req.on('close', () => listeners.delete(res));
      return undefined;
    }
    answer(ask)
      .then((data) => {
        res.setHeader('content-type', 'application/json');
        res.end(JSON.stringify(data));
      })
      .catch((e: unknown) => {
        const r = e instanceof Refused ? e : new Refused(500, 'mock', String(e));
        res.statusCode = r.status;
        if (r.retryAfter) res.setHeader('retry-after', String(r.retryAfter));
        res.setHeader('content-type', 'application/problem+json');
        res.end(JSON.stringify({ title: r.message, status: r.status, code: r.code }));
      });
    return undefined;
  };

  return {
    name: 'muster-mock',
    configureServer: (s) => void s.middlewares.use(handle),
    configurePreviewServer: (s) => void s.middlewares.use(handle),
  };
}
