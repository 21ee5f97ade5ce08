//! The house's migrations, in pairs; the store's own come before them.

use muster_store::Migration;

macro_rules! pair {
    ($number:literal, $name:literal) => {
        Migration {
            number: $number,
            name: $name,
            sqlite: include_str!(concat!("../migrations/sqlite/", $name, ".sql")),
            postgres: include_str!(concat!("../migrations/postgres/", $name, ".sql")),
        }
    };
}

/// All of them, in the order of their numbers. Never edit one that shipped.
pub const MIGRATIONS: &[Migration] = &[
    pair!(100, "0100_org_tree"),
    pair!(110, "0110_org_party"),
    pair!(120, "0120_org_tree_entry"),
    pair!(125, "0125_org_post_holder"),
    pair!(130, "0130_org_contact_sealed"),
    pair!(150, "0150_operation"),
    pair!(160, "0160_operation_revision"),
    pair!(200, "0200_access_account"),
    pair!(210, "0210_access_revision"),
    pair!(220, "0220_access_grant"),
    pair!(230, "0230_access_letter"),
    pair!(240, "0240_access_link"),
    pair!(250, "0250_access_browser"),
    pair!(260, "0260_access_token"),
    pair!(262, "0262_access_token_use"),
    pair!(265, "0265_access_account_sealed"),
    pair!(270, "0270_access_oidc"),
    pair!(300, "0300_reporting_book"),
    pair!(310, "0310_reporting_sheet"),
    pair!(320, "0320_reporting_totals"),
    pair!(330, "0330_reporting_asked"),
    pair!(340, "0340_reporting_reassigned"),
    pair!(350, "0350_reporting_crown_min"),
    pair!(370, "0370_reporting_scan"),
    pair!(380, "0380_inspect_finding"),
    pair!(390, "0390_privacy_rule"),
    pair!(400, "0400_command_notice"),
    pair!(410, "0410_command_task"),
    pair!(500, "0500_brief"),
    pair!(600, "0600_outbound_channel"),
    pair!(610, "0610_outbound_letter"),
];
