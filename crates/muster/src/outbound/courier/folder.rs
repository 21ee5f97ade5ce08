//! A file for each message, in a folder that the operator named: where no network leads outside, somebody carries it. A
//! repeat is the same file, written over.

use super::Message;
use crate::outbound::model::{Erred, Target};
use std::path::Path;

pub(super) async fn send(folder: &Path, target: &Target, message: &Message) -> Result<(), Erred> {
    let own = folder.join(&target.address);
    let text = format!("{}\n\n{}\n", message.subject, message.parts.concat());
    let (whole, part) =
        (own.join(format!("{}.txt", message.key)), own.join(format!(".{}.part", message.key)));
    let written = async {
        tokio::fs::create_dir_all(&own).await?;
        // Whole or not at all: whoever collects the files may come at any moment.
        tokio::fs::write(&part, text).await?;
        tokio::fs::rename(&part, &whole).await
    };
    written.await.map_err(|_: std::io::Error| Erred::again("folder"))
}
