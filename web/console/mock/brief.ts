// The brief of the mock's day.
import { CUT_OFF, DAY, ELEMENTS, type Lang, type World } from './world.ts';

const delta = (s: { value: number | null; yesterday: number }) => (s.value === null ? null : s.value - s.yesterday);

export function briefOf(world: World, lang: Lang) {
  const c = world.counts(world.root);
  const numbers = ELEMENTS.filter((e) => e.class !== 'text').map((e) => ({ e, s: world.sum(world.root, e.element) }));
  const absent = world.reporting(world.root).filter((n) => !n.revs.length);
  return {
    brief: 1, lang, simulated: true, office: '省属企业疫情防控值班室', title: '疫情防控日报', number: '第 11 期', day: DAY, as_of: CUT_OFF, made_at: CUT_OFF, frozen: world.frozen, digest: world.frozen ? 'sha256:5b1e7c0e' : null,
    sentences: [`应报 ${c.expected} 家,已报 ${c.reported} 家(其中零报告 ${c.zero} 家),未报 ${c.missing} 家。`, `今日发热 ${numbers[0]!.s.value} 人,在隔离 ${numbers[1]!.s.value} 人。`, '矛盾 1 处,更正 1 处,已列于后。'],
    numbers: numbers.slice(0, 4).map(({ e, s }) => ({ name: e.name[lang], value: s.value, unit: '人', delta: delta(s), base: `${s.said}/${s.base}` })),
    totals: numbers.map(({ e, s }) => ({ name: e.name[lang], unit: e.unit, value: s.value, yesterday: s.yesterday, delta: delta(s), said: s.said, base: s.base })),
    rates: { expected: c.expected, actual: c.reported, actual_on_time: c.reported, zero: c.zero, missing: c.missing },
    chart: { title: '近 14 日发热', days: Array.from({ length: 14 }, (_, i) => new Date(Date.parse(DAY) - (13 - i) * 864e5).toISOString().slice(0, 10)), series: [{ name: ELEMENTS[0].name[lang], points: [3, 2, 4, 5, null, 8, 11, 13, 16, 14, 19, 22, 24, numbers[0]!.s.value] }] },
    groups: world.root.children.filter((n) => n.kind === 'group').map((n) => { const g = world.counts(n); return { name: n.name[lang], expected: g.expected, actual: g.reported, on_time: g.reported, zero: g.zero, missing: g.missing, values: [{ name: ELEMENTS[0].name[lang], value: world.sum(n, 'fever').value }] }; }),
    absent: absent.slice(0, 40).map((n) => ({ unit: n.name[lang], path: world.path(n).slice(1, -1).map((p) => p.name[lang]).join(' / '), group: world.path(n)[1]?.name[lang] ?? '', status: 'missing', at: null })),
    contradictions: [{ unit: world.byCode.get('F031-S1')!.name[lang], text: '14:05 签零报告;14:31 事件报告:发热 1 人。' }],
    disagreements: [{ unit: world.byCode.get('G05')!.name[lang], element: '已返岗', stated: 2310, parts: 2307, said: 92 }],
    corrections: [{ unit: world.byCode.get('F012-S1')!.name[lang], day: DAY, element: ELEMENTS[0].name[lang], before: 0, after: 2, reason: '午检时两人 37.6℃', at: '2020-02-03T13:38:00+08:00', revision: 2 }],
    narrative: { progress: ['(值班室填写)'], problems: [], next: [] },
    lineage: { units: c.reported, revisions: c.reported + 1, heads: '0/41388:9c21' }, labels: {},
  };
}
