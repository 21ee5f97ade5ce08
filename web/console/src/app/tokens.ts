// Every colour, size and face of the console. Pages use the CSS variables; Ant Design gets the same values.
// One red, and it means "look here": what has not been reported, what contradicts. Actions are ink.
// Good, warn and bad always come with a shape and a word beside the colour (shared/Mark.tsx).
export const tokens = {
  ink: '#1c232b',
  'ink-2': '#4a5461',
  'ink-3': '#5f6874',
  paper: '#f6f4ef',
  card: '#ffffff',
  rule: '#dfdad0',
  'rule-2': '#efebe3',
  red: '#a3201d',
  'red-wash': '#faeceb',
  good: '#1f6b48',
  'good-wash': '#e8f3ec',
  warn: '#8a5a00',
  'warn-wash': '#fbf2de',
  slate: '#3d566e',
  'slate-2': '#9fb1c1',
  'slate-wash': '#e9eef3',
  radius: '4px',
  sans: '-apple-system, "PingFang SC", "PingFang TC", "Noto Sans CJK SC", "Noto Sans SC", "Microsoft YaHei", "Microsoft JhengHei", "Segoe UI", sans-serif',
  serif: '"Songti SC", "Noto Serif CJK SC", "Noto Serif SC", SimSun, "Times New Roman", serif',
} as const;

/** Writes the tokens where the style sheets read them: `var(--ink)` and so on. */
export function applyTokens(root: HTMLElement): void {
  for (const [name, value] of Object.entries(tokens)) root.style.setProperty(`--${name}`, value);
}

export const antTheme = {
  token: {
    colorPrimary: tokens.slate,
    colorInfo: tokens.slate,
    colorLink: tokens.slate,
    colorSuccess: tokens.good,
    colorWarning: tokens.warn,
    colorError: tokens.red,
    colorText: tokens.ink,
    colorTextSecondary: tokens['ink-2'],
    colorTextTertiary: tokens['ink-3'],
    colorBgLayout: tokens.paper,
    colorBorder: tokens.rule,
    colorBorderSecondary: tokens['rule-2'],
    borderRadius: 4,
    fontFamily: tokens.sans,
    fontSize: 14,
    controlHeight: 34,
    motion: false,
  },
  components: {
    Table: { cellPaddingBlockSM: 5, cellPaddingInlineSM: 10, headerBg: tokens['rule-2'], headerColor: tokens['ink-2'], headerBorderRadius: 0 },
    Tree: { nodeSelectedBg: tokens['slate-wash'], nodeHoverBg: tokens['rule-2'] },
  },
} as const;
