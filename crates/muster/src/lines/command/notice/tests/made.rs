//! Texts made by hand, simulated: what holds for the one real text must hold for others like it and unlike it.

use super::super::model::{Conjecture, ConjectureState, Kind, Scope};
use super::super::{layers, study};
use super::{sound, told};

const MEETING_NEWS: &str = "\
县教育局召开会议部署校园防控
来源:某县教育局 时间:2021-08-05 浏览量:17

8月4日下午，县教育局党组书记、局长张三主持召开局党组会议暨校园防控工作领导小组第二次会议。局领导、督学出席会议，各科室负责人、直属学校校长列席会议。
会议指出，要把师生健康放在第一位。
会议要求，一要压实责任，各学校要落实晨午检。二要储备物资。三要加强宣传，推动全县教育系统形成合力。
";

const FORMAL: &str = "\
某市国资委文件
某国资办〔2020〕12号

关于做好企业复工防控工作的通知

各监管企业：
为做好复工防控工作，现通知如下。
一、建立台账。各企业要逐人登记。
（一）登记内容见附件。
二、按时报送。请于2月10日17时前报送。
三、强化值守。

某市国资委办公室
2020年2月8日
";

#[test]
fn news_of_another_meeting() {
    let study = study(MEETING_NEWS);
    sound(MEETING_NEWS, &study);
    insta::assert_snapshot!(told(&study), @r#"
    kind MeetingNews
    feature number absent
    feature addressee absent
    feature deadline absent
    feature signer absent
    feature meeting 46..121
    publisher None at Some("2021-08-05T00:00:00")
    meeting on Some("2021-08-04"), no. Some(2)
      said Some("8月4日下午")
      bodies 局党组会议 + 校园防控工作领导小组
      chair's posts 县教育局党组书记 + 局长
      present 局领导 + 督学
      attending 各科室负责人 + 直属学校校长
    measure 1 at 145..162 一要压实责任，各学… Units 各学校
    measure 2 at 162..169 二要储备物资。… Unstated
    measure 3 at 169..189 三要加强宣传，推动… System 全县教育系统
    "#);
    assert!(study.conjectures.is_empty(), "a text that lost nothing is left alone");
}

#[test]
fn a_notice_in_form() {
    let study = study(FORMAL);
    sound(FORMAL, &study);
    insta::assert_snapshot!(told(&study), @r#"
    kind FormalNotice
    feature number 8..21
    feature addressee 40..46
    feature deadline 102..111
    feature signer 124..132
    feature meeting absent
    publisher None at None
    measure 1 at 64..92 一、建立台账。各企… Enterprises 各企业
    measure 2 at 93..114 二、按时报送。请于… Addressee 各监管企业
    measure 3 at 115..122 三、强化值守。… Addressee 各监管企业
    "#);
}

/// The demonstration's text: simulated, and harmed in every way that the real one is.
const DEMONSTRATION: &str = include_str!("../../../../demo/notice.txt");

#[test]
fn the_demonstration_s_text() {
    let study = study(DEMONSTRATION);
    sound(DEMONSTRATION, &study);
    insta::assert_snapshot!("the_demonstration", told(&study));
    let accepted: Vec<_> = study
        .conjectures
        .iter()
        .map(|one| Conjecture { state: ConjectureState::Accepted, ..one.clone() })
        .collect();
    insta::assert_snapshot!("the_demonstration_readable", layers::readable(&study.spans, &accepted));
}

#[test]
fn harmed_like_the_real_one_the_same_is_made_out() {
    let harmed: String = MEETING_NEWS
        .chars()
        .filter(|c| !"一领".contains(*c))
        .flat_map(|c| match c {
            '会' => "會(huì)".chars().collect::<Vec<_>>(),
            '责' => "責(zé)".chars().collect(),
            '实' => "實(shí)".chars().collect(),
            '张' => "張".chars().collect(),
            '强' => "強(qiáng)".chars().collect(),
            '系' => "系".chars().collect(),
            '导' => "導(dǎo)".chars().collect(),
            '动' => "動(dòng)".chars().collect(),
            other => vec![other],
        })
        .collect();
    let (whole, found) = (study(MEETING_NEWS), study(&harmed));
    sound(&harmed, &found);
    assert_eq!(found.kind, Kind::MeetingNews);
    let readable = layers::readable(&found.spans, &found.conjectures);
    for expected in ["领导小组第二次会议", "局领导", "[一]要压实", "第[一]位"] {
        let marked = expected.replace('领', "[领]");
        assert!(readable.contains(&marked) || readable.contains(expected), "{expected}: {readable}");
    }
    let scopes = |study: &super::super::model::Study| -> Vec<Scope> {
        study.measures.iter().map(|measure| measure.scope).collect()
    };
    assert_eq!(scopes(&found), scopes(&whole));
    let (met, meant) = (found.meeting.unwrap(), whole.meeting.unwrap());
    assert_eq!((met.day, met.series_no), (meant.day, meant.series_no));
    assert_eq!(met.attending.len(), meant.attending.len());
}

#[test]
fn garbage_is_other_and_has_no_measures() {
    for text in [
        "",
        "\n\n\n",
        "lorem ipsum (dolor) sit",
        "?????",
        "（）()[]",
        "一要一要一要二是",
        "\u{feff}\u{200b}",
        "1.\n2.\n",
        "🦠🦠🦠\r\n🦠",
    ] {
        let study = study(text);
        sound(text, &study);
        assert_eq!(study.kind, Kind::Other, "{text}");
        assert!(study.meeting.is_none() && study.conjectures.is_empty(), "{text}");
    }
}

/// As long as a text may be and as damaged as it can be: it is studied and read in the time that its length takes.
#[test]
fn a_text_made_to_be_slow_is_not() {
    for piece in [
        "第时间",
        "實(shí)",
        "?shù)脑嚱鹗\u{e1ef}湍サ妒",
        "一要二要",
        "省委省中国",
        "字\n",
        "?",
        "(",
        "2月3日召开会",
    ] {
        let text: String = piece.chars().cycle().take(50_000).collect();
        let study = study(&text);
        sound(&text, &study);
        assert!(study.conjectures.len() <= 1_000);
        assert_eq!(study.conjectures_cut, study.conjectures.len() == 1_000, "{piece}");
        assert!(layers::readable(&study.spans, &study.conjectures).len() <= 4 * text.len());
    }
}
