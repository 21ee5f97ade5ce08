// A made-up province for `npm run dev` without a server: 28 groups, 362 firms, about 2,000 sites, one day, one seed.
// It keeps only what the pages ask for, adds up by walking, and forgets everything when the dev server stops.

export type Lang = 'zh-CN' | 'zh-TW' | 'en';
export type Value = number | null;
export type Rev = {
  revision: number;
  at: number;
  actor: string;
  act: 'values' | 'zero';
  reason: string | null;
  values: Record<string, Value>;
  receipt: string;
};
export type Node = {
  code: string;
  name: Record<Lang, string>;
  kind: 'regulator' | 'department' | 'group' | 'firm' | 'site';
  parent: Node | null;
  children: Node[];
  place: string | null;
  people: number;
  reports: boolean;
  revs: Rev[];
  yesterday: Record<string, Value>;
};

export const DAY = '2020-02-03';
export const CUT_OFF = '2020-02-03T15:00:00+08:00';
const START = Date.parse('2020-02-03T14:47:00+08:00');

export const ELEMENTS = [
  { element: 'fever', class: 'event', unit: 'person', required: true, max: 100000, name: { 'zh-CN': '今日发热', 'zh-TW': '今日發燒', en: 'Fever today' } },
  { element: 'isolation', class: 'state', unit: 'person', required: true, max: 100000, name: { 'zh-CN': '在隔离', 'zh-TW': '隔離中', en: 'In isolation' } },
  { element: 'returned', class: 'state', unit: 'person', required: true, max: 1000000, name: { 'zh-CN': '已返岗', 'zh-TW': '已返崗', en: 'Back at work' } },
  { element: 'heavy_area', class: 'state', unit: 'person', required: true, max: 100000, name: { 'zh-CN': '在重点疫区', 'zh-TW': '在重點疫區', en: 'In the heavy-hit area' } },
  { element: 'masks', class: 'state', unit: 'piece', required: false, max: 10000000, name: { 'zh-CN': '口罩库存', 'zh-TW': '口罩庫存', en: 'Mask stock' } },
  { element: 'difficulties', class: 'text', unit: '', required: false, max: 500, name: { 'zh-CN': '困难诉求', 'zh-TW': '困難訴求', en: 'Difficulties' } },
] as const;

const CITIES = ['合川', '宁阳', '安平', '池南', '滁西', '阜北', '淮东', '黄溪', '六泉', '马岭', '宿江', '铜桥', '芜滨', '宣林', '亳原', '蚌湾'];
const TRADES: [string, string, string][] = [
  ['能源', '能源', 'Energy'], ['钢铁', '鋼鐵', 'Steel'], ['铜业', '銅業', 'Copper'], ['海螺建材', '海螺建材', 'Cement'],
  ['交通', '交通', 'Transport'], ['投资', '投資', 'Investment'], ['建工', '建工', 'Construction'], ['农垦', '農墾', 'Farms'],
  ['盐业', '鹽業', 'Salt'], ['旅游', '旅遊', 'Travel'], ['港航', '港航', 'Ports'], ['民航', '民航', 'Airports'],
  ['汽车', '汽車', 'Motor'], ['电子', '電子', 'Electronics'], ['出版', '出版', 'Publishing'], ['粮食', '糧食', 'Grain'],
  ['水利', '水利', 'Water'], ['担保', '擔保', 'Guarantee'], ['信托', '信託', 'Trust'], ['证券', '證券', 'Securities'],
  ['化工', '化工', 'Chemicals'], ['矿业', '礦業', 'Mining'], ['纺织', '紡織', 'Textiles'], ['医药', '醫藥', 'Pharma'],
  ['物流', '物流', 'Logistics'], ['国贸', '國貿', 'Trade'], ['军工', '軍工', 'Machines'], ['叉车', '叉車', 'Forklifts'],
];

/** Deterministic noise in [0, 1). */
function generator(seed: number) {
  let s = seed >>> 0;
  return () => {
    s = (s + 0x6d2b79f5) >>> 0;
    let t = Math.imul(s ^ (s >>> 15), 1 | s);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export class World {
  readonly byCode = new Map<string, Node>();
  readonly root: Node;
  frozen = false;
  private receipts = 41200;
  private readonly wall = Date.now();
  private skipped = 0;

  constructor(seed = 20200203) {
    const rnd = generator(seed);
    const int = (a: number, b: number) => a + Math.floor(rnd() * (b - a + 1));
    this.root = this.add(null, 'regulator', 'R', ['省属企业监管机构', '省屬企業監管機構', 'Provincial enterprise regulator'], null, false);
    ['综合办公室', '企业防控组', '物资保障组'].forEach((n, i) => this.add(this.root, 'department', `R-D${i + 1}`, [n, n, `Department ${i + 1}`], null, true));
    let firmNo = 0;
    TRADES.forEach(([hans, hant, en], g) => {
      const group = this.add(this.root, 'group', `G${String(g + 1).padStart(2, '0')}`, [`江南${hans}集团`, `江南${hant}集團`, `Jiangnan ${en} Group`], null, true);
      const firms = g < 26 ? 13 : 12;
      for (let f = 0; f < firms; f += 1) {
        firmNo += 1;
        const city = CITIES[int(0, 15)]!;
        const firm = this.add(group, 'firm', `F${String(firmNo).padStart(3, '0')}`, [`${city}${hans}有限公司`, `${city}${hant}有限公司`, `${en} Co. of city ${CITIES.indexOf(city) + 1} (${firmNo})`], city, true);
        const sites = int(3, 8);
        for (let s = 0; s < sites; s += 1) {
          this.add(firm, 'site', `${firm.code}-S${s + 1}`, [`${city}第${s + 1}项目部`, `${city}第${s + 1}專案部`, `Site ${s + 1}`], city, true);
        }
      }
    });
    for (const n of this.byCode.values()) {
      if (!n.reports) continue;
      n.people = n.kind === 'site' ? int(12, 260) : int(60, 900);
      n.yesterday = { fever: rnd() < 0.012 ? 1 : 0, isolation: rnd() < 0.15 ? int(1, 6) : 0, returned: Math.floor(n.people * (0.3 + rnd() * 0.3)), heavy_area: rnd() < 0.1 ? int(1, 4) : 0, masks: int(0, 9) * 100 };
      if (rnd() < 0.91) this.first(n, rnd, int);
    }
    // One site is kept for the phone, and the story of the zero that is not.
    this.byCode.get('F087-S2')!.revs = [];
    const zero = this.byCode.get('F031-S1')!;
    zero.revs = [];
    zero.revs = [this.rev(zero, 'zero', { fever: 0, isolation: null, returned: null, heavy_area: null, masks: null }, Date.parse('2020-02-03T14:05:00+08:00'), null)];
    const corrected = this.byCode.get('F012-S1')!;
    corrected.revs = [];
    corrected.revs = [this.rev(corrected, 'values', { fever: 0, isolation: 2, returned: 41, heavy_area: 1, masks: 300 }, Date.parse('2020-02-03T10:12:00+08:00'), null)];
    corrected.revs.push(this.rev(corrected, 'values', { fever: 2, isolation: 4, returned: 41, heavy_area: 1, masks: 260 }, Date.parse('2020-02-03T13:38:00+08:00'), '午检时两人 37.6℃,已送发热门诊;早上的数未包括。'));
  }

  private add(parent: Node | null, kind: Node['kind'], code: string, [hans, hant, en]: [string, string, string], place: string | null, reports: boolean): Node {
    const n: Node = { code, kind, parent, children: [], name: { 'zh-CN': hans, 'zh-TW': hant, en }, place, people: 0, reports, revs: [], yesterday: {} };
    parent?.children.push(n);
    this.byCode.set(code, n);
    return n;
  }

  private rev(n: Node, act: Rev['act'], values: Record<string, Value>, at: number, reason: string | null): Rev {
    this.receipts += 1;
    return { revision: n.revs.length + 1, at, actor: '填报人 王敏', act, reason, values, receipt: `0203-${this.receipts}` };
  }

  private first(n: Node, rnd: () => number, int: (a: number, b: number) => number) {
    const at = Date.parse('2020-02-03T08:00:00+08:00') + Math.floor(rnd() * 6.7 * 3600e3);
    const zero = rnd() < 0.62;
    const values = zero
      ? { fever: 0, isolation: null, returned: null, heavy_area: null, masks: null }
      : { fever: rnd() < 0.02 ? int(1, 2) : 0, isolation: n.yesterday.isolation ?? 0, returned: Math.min(n.people, (n.yesterday.returned ?? 0) + int(0, 9)), heavy_area: n.yesterday.heavy_area ?? 0, masks: Math.max(0, (n.yesterday.masks ?? 0) - int(0, 3) * 20) };
    n.revs.push(this.rev(n, zero ? 'zero' : 'values', values, at, null));
  }

  now(): number {
    return START + this.skipped + (Date.now() - this.wall);
  }

  skipTo(instant: number) {
    this.skipped += Math.max(0, instant - this.now());
    // The last quarter of an hour is the busiest: all but twelve come in before the cut-off.
    const absent = this.reporting(this.root).filter((n) => n.revs.length === 0);
    absent.slice(12).forEach((n, i) => n.revs.push(this.rev(n, 'zero', { fever: 0, isolation: null, returned: null, heavy_area: null, masks: null }, instant - 1000 * (i + 1), null)));
    this.frozen = true;
  }

  file(n: Node, act: Rev['act'], values: Record<string, Value>, reason: string | null, actor: string): Rev {
    const rev = { ...this.rev(n, act, values, this.now(), reason), actor };
    n.revs.push(rev);
    return rev;
  }

  path(n: Node): Node[] {
    return n.parent ? [...this.path(n.parent), n] : [n];
  }

  reporting(n: Node): Node[] {
    const out: Node[] = [];
    const walk = (x: Node) => {
      if (x.reports) out.push(x);
      x.children.forEach(walk);
    };
    walk(n);
    return out;
  }

  counts(n: Node) {
    const all = this.reporting(n);
    const done = all.filter((x) => x.revs.length > 0);
    const zero = done.filter((x) => x.revs[x.revs.length - 1]!.act === 'zero').length;
    return { expected: all.length, reported: done.length, zero, missing: all.length - done.length, late: 0 };
  }

  sum(n: Node, element: string) {
    const all = this.reporting(n);
    let value = 0;
    let said = 0;
    let yesterday = 0;
    for (const x of all) {
      yesterday += x.yesterday[element] ?? 0;
      const v = x.revs[x.revs.length - 1]?.values[element];
      if (v !== null && v !== undefined) {
        value += v;
        said += 1;
      }
    }
    return { value: said ? value : null, said, base: all.length, yesterday };
  }
}
