//! Words of address books: of headers, at the end, of persons and posts. Simplified and traditional Chinese, English.

use super::Role;
use muster_sheet::halfwidth;

/// A header is no longer than this, in characters that are seen.
const HEADER_CHARS_MAX: usize = 24;

/// What a heading says a column is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heading {
    /// That and nothing else.
    Is(Role),
    /// A unit's name: of which level, the columns beside it tell.
    Unit,
    /// A name, of a unit or of a person.
    Name,
}

/// Words that a heading contains, the first that fits.
const CONTAINED: &[(&[&str], Heading)] = &[
    (&["序号", "序號", "编号", "編號"], Heading::Is(Role::Skip)),
    (&["编码", "編碼", "代码", "代碼", "code"], Heading::Is(Role::Code)),
    (
        &[
            "传真", "傳真", "邮箱", "郵箱", "信箱", "邮编", "fax", "mail", "微信", "地址", "备注", "備註",
            "備注", "remark", "note", "address",
        ],
        Heading::Is(Role::Skip),
    ),
    (
        &[
            "电话",
            "電話",
            "手机",
            "手機",
            "联系方式",
            "聯繫方式",
            "聯絡方式",
            "座机",
            "固话",
            "号码",
            "號碼",
            "分机",
            "分機",
            "phone",
            "mobile",
            "telephone",
            "cell",
        ],
        Heading::Is(Role::Phone),
    ),
    (
        &[
            "姓名",
            "联系人",
            "聯絡人",
            "聯繫人",
            "负责人",
            "負責人",
            "责任人",
            "責任人",
            "值班员",
            "值班人",
            "带班",
            "領導",
            "领导",
            "contactperson",
            "contact",
            "person",
            "fullname",
        ],
        Heading::Is(Role::Person),
    ),
    (
        &[
            "职务", "職務", "岗位", "崗位", "职位", "職位", "职称", "職稱", "position", "jobtitle", "post",
            "title",
        ],
        Heading::Is(Role::Post),
    ),
    (&["行政区划", "行政區劃", "区划", "區劃"], Heading::Is(Role::Place)),
    (&["类型", "類型", "类别", "類別", "性质", "kind", "type"], Heading::Is(Role::Kind)),
    (&["一级", "一級", "level1"], Heading::Is(Role::Level(1))),
    (&["二级", "二級", "level2"], Heading::Is(Role::Level(2))),
    (&["三级", "三級", "level3"], Heading::Is(Role::Level(3))),
    (&["四级", "四級", "level4"], Heading::Is(Role::Level(4))),
    (
        &[
            "单位",
            "單位",
            "部门",
            "部門",
            "机构",
            "機構",
            "企业",
            "企業",
            "公司",
            "集团",
            "集團",
            "项目",
            "項目",
            "处室",
            "處室",
            "科室",
            "班组",
            "站点",
            "工地",
            "学校",
            "學校",
            "医院",
            "醫院",
            "unit",
            "department",
            "organisation",
            "organization",
            "company",
            "group",
            "firm",
            "division",
            "branch",
            "site",
            "station",
            "office",
        ],
        Heading::Unit,
    ),
];
/// Words that a heading is.
const WHOLE: &[(&[&str], Heading)] = &[
    (&["no", "no.", "#", "序"], Heading::Is(Role::Skip)),
    (&["tel", "tel.", "ext", "ext."], Heading::Is(Role::Phone)),
    (&["名称", "名稱", "name"], Heading::Name),
    (&["duty"], Heading::Is(Role::Post)),
];

/// What a heading says; nothing where it is none.
pub(super) fn heading(text: &str) -> Option<Heading> {
    let plain: String = halfwidth(text).chars().filter(|c| !c.is_whitespace() && *c != '*').collect();
    let plain = plain.to_lowercase();
    if plain.is_empty() || plain.chars().count() > HEADER_CHARS_MAX {
        return None;
    }
    let whole = WHOLE.iter().find(|(words, _)| words.contains(&&*plain));
    let contained = || {
        // Data are longer than a heading of their sort: 安徽省某某集团有限公司 is no heading, 集团公司 is one.
        let short = plain.is_ascii() || plain.chars().count() <= 8;
        CONTAINED.iter().find(|(words, _)| short && words.iter().any(|word| plain.contains(word)))
    };
    whole.or_else(contained).map(|(_, heading)| *heading)
}

/// A telephone that is on duty is asked for before the others of its line.
pub(super) fn is_duty(heading: &str) -> bool {
    heading.contains("值班") || heading.to_lowercase().contains("duty")
}

/// Whether a line that begins so is no unit: a sum, or a remark.
pub(super) fn no_unit(text: &str) -> Option<End> {
    let plain: String = halfwidth(text).chars().filter(|c| !c.is_whitespace()).collect();
    let lower = plain.to_lowercase();
    let sums = ["合计", "合計", "总计", "總計", "共计", "共計", "小计", "小計", "total", "subtotal", "sum"];
    let is_sum = sums.iter().any(|word| {
        let rest = lower.strip_prefix(word);
        rest.is_some_and(|rest| {
            !rest.starts_with(char::is_alphabetic) || rest.starts_with(['人', '单', '單', '共'])
        })
    });
    if is_sum {
        return Some(End::Sum);
    }
    let remarks = [
        "备注",
        "備註",
        "備注",
        "注",
        "註",
        "说明",
        "說明",
        "填表人",
        "填报人",
        "制表",
        "製表",
        "审核人",
        "審核人",
        "打印日期",
        "更新日期",
        "更新时间",
        "note",
        "notes",
        "remark",
        "remarks",
    ];
    let is_remark = remarks.iter().any(|word| {
        lower
            .strip_prefix(word)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '.', '1', '、']))
    });
    is_remark.then_some(End::Remark)
}

/// Why a line is no unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// A sum: others may follow.
    Sum,
    /// A remark: nothing but remarks follows.
    Remark,
}

const SURNAMES: &str = "王李张張刘劉陈陳杨楊赵趙黄黃周吴吳徐孙孫胡朱高林何郭马馬罗羅梁宋郑鄭谢謝韩韓唐冯馮于董萧蕭肖程曹袁邓鄧许許傅沈曾彭吕呂苏蘇卢盧蒋蔣蔡贾賈丁魏薛叶葉阎閻余潘杜戴夏钟鍾汪田任姜范範方石姚谭譚廖邹鄒熊金陆陸郝孔白崔康毛邱秦江史顾顧侯邵孟龙龍万萬段雷钱錢汤湯尹黎易常武乔喬贺賀赖賴龚龔文庞龐樊兰蘭殷施陶洪翟安颜顏倪严嚴牛温溫芦季俞章鲁魯葛伍韦韋申尤毕畢聂聶丛焦向柳邢路岳齐齊沿梅莫庄莊辛管祝左涂谷祁时時舒耿牟卜詹关關苗凌费費纪紀靳盛童欧歐甄项項曲成游阳陽裴席卫衛查屈鲍鮑位覃霍翁隋植甘景薄单單包司柏宁寧柯阮桂闵解强強柴华華车車冉房边邊辜吉饶饒刁瞿戚丘古米池滕晋晉苑邬臧畅宫來嵺苟全褚廉简簡娄婁盖符奚木穆党燕郎邸冀谈姬屠连郜晏栾郁商蒙计計喻揭窦竇迟宇敖糜鄢冷卓花仇艾蓝藍都巩稽井练仲乐虞卞封竺冼原官衣楚佟栗匡宗应應台巫鞠僧桑荆谌银扬明沙薄伏岑习胥保和蔺";

const COMPOUND: &[&str] = &[
    "欧阳", "歐陽", "司马", "司馬", "上官", "诸葛", "諸葛", "东方", "東方", "皇甫", "尉迟", "公孙", "慕容",
    "令狐", "司徒", "夏侯", "端木", "百里", "南宫", "宇文",
];

/// Words for what a post is about that begin as names do.
const FUNCTIONS: &[&str] = &[
    "安全", "安监", "安監", "安保", "应急", "應急", "项目", "項目", "计划", "計劃", "计生", "党群", "黨群",
    "党建", "党务", "文书", "文秘", "文化", "文宣", "商务", "商務", "水电", "水電", "水务", "金融", "房产",
    "保卫", "保衛", "保安", "车间", "車間", "车辆", "车队", "时政", "单证", "农业", "司法", "和解", "全面",
    "常务", "常務", "解放", "成本", "包装", "强电", "明火", "沙石", "关务", "查验", "温控", "石化", "路政",
    "金属", "燕煤", "易燃", "公关",
];

const POSTS: &[&str] = &[
    "主任",
    "书记",
    "書記",
    "经理",
    "經理",
    "董事长",
    "董事長",
    "局长",
    "局長",
    "处长",
    "處長",
    "科长",
    "科長",
    "部长",
    "部長",
    "厂长",
    "廠長",
    "矿长",
    "礦長",
    "站长",
    "站長",
    "队长",
    "隊長",
    "院长",
    "院長",
    "校长",
    "校長",
    "所长",
    "所長",
    "组长",
    "組長",
    "班长",
    "班長",
    "店长",
    "厅长",
    "廳長",
    "委员",
    "委員",
    "主管",
    "主席",
    "会长",
    "會長",
    "理事长",
    "总监",
    "總監",
    "专员",
    "專員",
    "秘书",
    "秘書",
    "科员",
    "科員",
    "干事",
    "幹事",
    "工程师",
    "工程師",
    "调度员",
    "調度員",
    "安全员",
    "安全員",
    "值班员",
    "值班員",
    "值班长",
    "值班長",
    "计划员",
    "管理员",
    "管理員",
    "信息员",
    "信息員",
    "协调员",
    "協調員",
    "保管员",
    "办事员",
    "辦事員",
    "调度",
    "联络员",
    "聯絡員",
    "助理",
    "总经理",
    "總經理",
    "院士",
    "站務",
    "会计",
    "會計",
    "司机",
    "总",
    "總",
    "manager",
    "director",
    "officer",
    "chief",
    "head",
    "secretary",
    "chairman",
    "dispatcher",
    "supervisor",
    "coordinator",
    "president",
];

/// Whether a text ends with a word for a post: where that word begins.
pub(super) fn post_begins(text: &str) -> Option<usize> {
    let lower = text.to_lowercase();
    let ends = POSTS.iter().filter(|post| lower.ends_with(*post) && lower.len() == text.len());
    let at = text.len() - ends.map(|post| post.len()).max()?;
    let deputies = ["副", "代", "常务副", "常務副", "总", "總", "执行", "執行"];
    let before = &text[..at];
    let longest = deputies.iter().filter(|word| before.ends_with(*word)).map(|word| word.len()).max();
    Some(at - longest.unwrap_or(0))
}

/// Whether a text looks like the name of a person: two to four Han characters that begin with a surname; or two or three
/// capitalised words.
pub(super) fn is_person(text: &str) -> bool {
    let text = text.trim();
    let han = |c: char| matches!(c, '\u{4e00}'..='\u{9fff}');
    let count = text.chars().count();
    if text.chars().all(han) {
        let single =
            (2..=3).contains(&count) && text.chars().next().is_some_and(|first| SURNAMES.contains(first));
        let double = (3..=4).contains(&count) && COMPOUND.iter().any(|name| text.starts_with(name));
        let is_word = FUNCTIONS.contains(&text) || is_unit(text) || post_begins(text).is_some();
        return (single || double) && !is_word;
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let capital = |word: &&str| {
        let mut letters = word.chars();
        letters.next().is_some_and(char::is_uppercase)
            && letters.all(|c| c.is_lowercase() || matches!(c, '.' | '-' | '\''))
    };
    (2..=3).contains(&words.len())
        && words.iter().all(capital)
        && post_begins(text).is_none()
        && !is_unit(text)
}

const UNITS: &[&str] = &[
    "公司",
    "办",
    "辦",
    "集团",
    "集團",
    "局",
    "委",
    "部",
    "处",
    "處",
    "科",
    "室",
    "院",
    "厂",
    "廠",
    "站",
    "中心",
    "队",
    "隊",
    "所",
    "校",
    "厅",
    "廳",
    "会",
    "會",
    "行",
    "店",
    "矿",
    "礦",
    "园",
    "園",
    "学",
    "學",
    "社区",
    "街道",
    "镇",
    "鎮",
    "乡",
    "村",
    "府",
    "库",
    "庫",
    "港",
    "组",
    "工地",
    "department",
    "office",
    "group",
    "company",
    "ltd",
    "limited",
    "inc",
    "trust",
    "station",
    "site",
    "terminal",
    "centre",
    "center",
    "school",
    "hospital",
    "bureau",
    "branch",
    "works",
    "plant",
    "depot",
];

/// Whether a text looks like the name of a unit.
pub(super) fn is_unit(text: &str) -> bool {
    let plain = text.trim().trim_end_matches(['）', ')']).to_lowercase();
    UNITS.iter().any(|word| plain.ends_with(word))
}

/// What stands in a cell of a person: the post beside the name, if one does, and whether a name does.
pub(super) fn person_cell(text: &str) -> (Option<String>, bool) {
    let parts = text.split(|c: char| {
        c.is_whitespace() || matches!(c, '(' | ')' | '（' | '）' | '、' | '/' | ',' | '，' | ':' | '：')
    });
    let (mut post, mut person) = (None, false);
    for part in parts.filter(|part| !part.is_empty()) {
        match post_begins(part) {
            // 张三主任: the name goes.
            Some(at) => {
                person |= at > 0;
                post.get_or_insert_with(|| part[at..].to_owned());
            }
            None => person = true,
        }
    }
    (post, person)
}

/// What stands in a cell of a post without the names that stand there too; how many did.
pub(super) fn post_cell(text: &str) -> (Option<String>, usize) {
    let parts: Vec<&str> = text
        .split(|c: char| {
            c.is_whitespace() || matches!(c, '(' | ')' | '（' | '）' | '、' | ',' | '，' | ':' | '：')
        })
        .filter(|part| !part.is_empty())
        .collect();
    let english = text.is_ascii();
    if english {
        return (
            Some(text.split_whitespace().collect::<Vec<_>>().join(" ")).filter(|_| !is_person(text)),
            usize::from(is_person(text)),
        );
    }
    let (mut kept, mut names) = (Vec::new(), 0);
    for part in parts {
        // 张三主任, 王主任: the name goes.
        let begins = post_begins(part).filter(|at| {
            let before = &part[..*at];
            is_person(before) || before.chars().count() == 1 && SURNAMES.contains(before)
        });
        match begins {
            Some(at) => kept.push(&part[at..]),
            None if is_person(part) => {}
            None => {
                kept.push(part);
                continue;
            }
        }
        names += 1;
    }
    (Some(kept.join(" ")).filter(|post| !post.is_empty()), names)
}
