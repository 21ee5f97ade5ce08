//! Invented names in three scripts: numbered by the Thousand Character Classic, so that nobody is meant.

use serde::Serialize;

/// A name in simplified Chinese, traditional Chinese and English.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Names {
    /// zh-Hans.
    pub hans: String,
    /// zh-Hant.
    pub hant: String,
    /// en.
    pub en: String,
}

/// A name that is written out.
pub(crate) fn fixed(hans: &str, hant: &str, en: &str) -> Names {
    Names { hans: hans.into(), hant: hant.into(), en: en.into() }
}

/// A name whose traditional form follows character by character.
pub(crate) fn both(hans: String, en: String) -> Names {
    Names { hant: hans.chars().map(traditional).collect(), hans, en }
}

/// The traditional form of a character of these names. Only of these: in general one simplified character may have
/// several, and the context decides.
fn traditional(c: char) -> char {
    const PAIRS: &str = "业業丝絲书書产產仓倉传傳余餘储儲关關养養农農划劃制製办辦务務区區医醫单單卫衛厂廠发發变變团團园園图圖场場垦墾处處备備头頭宾賓属屬岁歲岗崗广廣庆慶库庫张張执執护護报報担擔拟擬机機\
        权權来來构構标標树樹桥橋检檢气氣测測游遊点點炼煉热熱环環现現电電盐鹽监監矿礦码碼种種筑築粮糧纪紀纱紗纺紡线線组組织織络絡绸綢综綜绿綠网網芜蕪药藥营營装裝规規试試财財货貨贸貿费費\
        资資赠贈车車轧軋轨軌转轉辆輛运運进進选選酿釀钢鋼铁鐵铜銅链鏈门門闰閏间間队隊阳陽项項馆館马馬验驗黄黃";
    let mut chars = PAIRS.chars();
    while let (Some(simplified), Some(traditional)) = (chars.next(), chars.next()) {
        if simplified == c {
            return traditional;
        }
    }
    c
}

/// 1 to 99 in Chinese.
pub(crate) fn numeral(n: u32) -> String {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let (tens, ones) = ((n / 10 % 10) as usize, (n % 10) as usize);
    match tens {
        0 => DIGITS[ones].into(),
        1 => format!("十{}", DIGITS[ones]),
        _ => format!("{}十{}", DIGITS[tens], DIGITS[ones]),
    }
}

/// A trade: how its units are called, and how they live.
pub(crate) struct Trade {
    /// Class code.
    pub(crate) class: &'static str,
    /// 矿业, Mining.
    pub(crate) names: [&'static str; 2],
    /// What its firms do.
    pub(crate) firms: [[&'static str; 2]; 3],
    /// What its sites are.
    pub(crate) sites: [[&'static str; 2]; 2],
    /// People at a middling site.
    pub(crate) staff: i64,
    /// Thousandths of them at work on a Sunday, and on New Year's Day.
    pub(crate) sunday: i64,
    pub(crate) new_year: i64,
}

#[rustfmt::skip]
const fn trade(
    class: &'static str, names: [&'static str; 2], staff: i64, sunday: i64, new_year: i64,
    firms: [[&'static str; 2]; 3], sites: [[&'static str; 2]; 2],
) -> Trade {
    Trade { class, names, firms, sites, staff, sunday, new_year }
}

/// The trades of the twenty-eight groups, in the order of [`CHARACTERS`].
#[rustfmt::skip]
pub(crate) const TRADES: [Trade; 28] = [
    trade("trade.mining", ["矿业", "Mining"], 520, 720, 430,
        [["煤业", "Coal"], ["矿建", "Shafts"], ["洗选", "Washing"]], [["矿井", "Shaft"], ["选煤厂", "Coal Washery"]]),
    trade("trade.energy", ["能源", "Energy"], 210, 640, 410,
        [["燃气", "Gas"], ["热力", "Heating"], ["新能源", "Renewables"]], [["气站", "Gas Station"], ["热源厂", "Heating Plant"]]),
    trade("trade.steel", ["钢铁", "Steel"], 480, 700, 480,
        [["炼钢", "Smelting"], ["轧钢", "Rolling"], ["焦化", "Coking"]], [["分厂", "Works"], ["料场", "Yard"]]),
    trade("trade.construction", ["建工", "Construction"], 170, 420, 40,
        [["建筑", "Building"], ["安装", "Installation"], ["市政", "Municipal Works"]], [["项目部", "Project"], ["构件厂", "Precast Plant"]]),
    trade("trade.transport", ["交通", "Transport"], 110, 700, 560,
        [["高速", "Motorways"], ["客运", "Coaches"], ["养护", "Road Care"]], [["收费站", "Toll Station"], ["养护站", "Road Depot"]]),
    trade("trade.ports", ["港航", "Ports"], 160, 620, 330,
        [["港口", "Harbour"], ["船务", "Shipping"], ["引航", "Pilots"]], [["码头", "Quay"], ["船队", "Fleet"]]),
    trade("trade.water", ["水务", "Water"], 90, 610, 520,
        [["供水", "Water Supply"], ["排水", "Drainage"], ["水利", "Waterworks"]], [["水厂", "Waterworks"], ["泵站", "Pumping Station"]]),
    trade("trade.farming", ["农垦", "Farming"], 130, 480, 190,
        [["种业", "Seeds"], ["农场", "Farms"], ["畜牧", "Livestock"]], [["分场", "Farm"], ["养殖场", "Breeding Farm"]]),
    trade("trade.power", ["电力", "Power"], 260, 650, 540,
        [["发电", "Generation"], ["检修", "Overhaul"], ["配电", "Distribution"]], [["电厂", "Power Station"], ["变电站", "Substation"]]),
    trade("trade.tourism", ["旅游", "Tourism"], 120, 860, 520,
        [["景区", "Scenic Areas"], ["酒店", "Hotels"], ["旅运", "Tours"]], [["景点", "Sight"], ["宾馆", "Guest House"]]),
    trade("trade.trade", ["商贸", "Trade"], 70, 820, 450,
        [["百货", "Stores"], ["超市", "Supermarkets"], ["进出口", "Import and Export"]], [["门店", "Store"], ["配送点", "Delivery Depot"]]),
    trade("trade.materials", ["建材", "Materials"], 230, 560, 170,
        [["水泥", "Cement"], ["玻璃", "Glass"], ["板材", "Boards"]], [["生产线", "Line"], ["矿山", "Quarry"]]),
    trade("trade.machinery", ["装备", "Machinery"], 280, 330, 30,
        [["重机", "Heavy Machines"], ["叉车", "Forklifts"], ["机床", "Machine Tools"]], [["车间", "Workshop"], ["试验场", "Test Ground"]]),
    trade("trade.publishing", ["出版", "Publishing"], 60, 260, 30,
        [["图书", "Books"], ["印务", "Printing"], ["发行", "Distribution"]], [["印刷厂", "Print Shop"], ["书店", "Bookshop"]]),
    trade("trade.rail", ["轨道", "Rail"], 190, 690, 500,
        [["运营", "Operation"], ["轨建", "Track"], ["站务", "Stations"]], [["车辆段", "Depot"], ["车站", "Station"]]),
    trade("trade.textiles", ["纺织", "Textiles"], 240, 380, 20,
        [["棉纺", "Cotton"], ["丝绸", "Silk"], ["服装", "Clothing"]], [["纺纱厂", "Spinning Mill"], ["制衣厂", "Clothing Works"]]),
    trade("trade.grain", ["粮储", "Grain"], 60, 390, 160,
        [["储运", "Storage"], ["米业", "Rice"], ["油脂", "Oils"]], [["粮库", "Granary"], ["加工厂", "Mill"]]),
    trade("trade.logistics", ["物流", "Logistics"], 80, 640, 210,
        [["快运", "Express"], ["冷链", "Cold Chain"], ["仓储", "Warehousing"]], [["货场", "Freight Yard"], ["仓库", "Warehouse"]]),
    trade("trade.chemicals", ["化工", "Chemicals"], 310, 680, 470,
        [["化肥", "Fertiliser"], ["树脂", "Resins"], ["日化", "Household Goods"]], [["装置区", "Plant"], ["罐区", "Tank Farm"]]),
    trade("trade.aviation", ["航空", "Aviation"], 150, 760, 540,
        [["机场", "Airports"], ["地服", "Ground Services"], ["通航", "General Aviation"]], [["航站", "Terminal"], ["机务段", "Line Maintenance"]]),
    trade("trade.forestry", ["林业", "Forestry"], 70, 290, 90,
        [["林场", "Forests"], ["木业", "Timber"], ["苗木", "Nurseries"]], [["林站", "Forest Station"], ["苗圃", "Nursery"]]),
    trade("trade.environment", ["环保", "Environment"], 90, 600, 430,
        [["环卫", "Cleansing"], ["再生", "Recycling"], ["监测", "Monitoring"]], [["处理厂", "Treatment Plant"], ["转运站", "Transfer Station"]]),
    trade("trade.medicine", ["医药", "Medicine"], 140, 610, 380,
        [["制药", "Pharmaceuticals"], ["器械", "Devices"], ["药房", "Pharmacies"]], [["药厂", "Drug Plant"], ["药店", "Pharmacy"]]),
    trade("trade.salt", ["盐业", "Salt"], 80, 420, 120,
        [["制盐", "Salt Making"], ["盐化", "Salt Chemistry"], ["盐务", "Salt Sales"]], [["盐厂", "Salt Works"], ["盐库", "Salt Store"]]),
    trade("trade.media", ["传媒", "Media"], 60, 450, 210,
        [["广播", "Broadcasting"], ["网络", "Networks"], ["影业", "Film"]], [["台站", "Transmitter"], ["影院", "Cinema"]]),
    trade("trade.investment", ["投资", "Investment"], 40, 60, 10,
        [["置业", "Property"], ["担保", "Guarantees"], ["园区", "Parks"]], [["园区", "Park"], ["营业部", "Branch"]]),
    trade("trade.roads", ["路桥", "Roads and Bridges"], 180, 460, 40,
        [["桥梁", "Bridges"], ["路面", "Paving"], ["隧道", "Tunnels"]], [["标段", "Lot"], ["拌和站", "Mixing Plant"]]),
    trade("trade.foods", ["食品", "Foods"], 160, 560, 180,
        [["乳业", "Dairy"], ["肉业", "Meat"], ["酿造", "Brewing"]], [["食品厂", "Food Plant"], ["冷库", "Cold Store"]]),
];

/// The first twenty-eight characters of the Thousand Character Classic, with their sound.
#[rustfmt::skip]
pub(crate) const CHARACTERS: [[&str; 2]; 28] = [
    ["天", "Tian"], ["地", "Di"], ["玄", "Xuan"], ["黄", "Huang"], ["宇", "Yu"], ["宙", "Zhou"], ["洪", "Hong"],
    ["荒", "Huang"], ["日", "Ri"], ["月", "Yue"], ["盈", "Ying"], ["昃", "Ze"], ["辰", "Chen"], ["宿", "Xiu"],
    ["列", "Lie"], ["张", "Zhang"], ["寒", "Han"], ["来", "Lai"], ["暑", "Shu"], ["往", "Wang"], ["秋", "Qiu"],
    ["收", "Shou"], ["冬", "Dong"], ["藏", "Cang"], ["闰", "Run"], ["余", "Yu"], ["成", "Cheng"], ["岁", "Sui"],
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_a_clerk_writes_them() {
        let read: Vec<String> = [1, 10, 11, 20, 35, 99].map(numeral).into();
        assert_eq!(read, ["一", "十", "十一", "二十", "三十五", "九十九"]);
    }

    #[test]
    fn names_have_their_traditional_form() {
        let names = both("岁字医药药房二公司淮南第一药店".into(), String::new());
        assert_eq!(names.hant, "歲字醫藥藥房二公司淮南第一藥店");
    }
}
