//! Arguments of `tern block fetch`.

use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};
use tern_verifier::block::{Hash, parse_hash};
use ureq::http::{HeaderName, HeaderValue, Uri};

/// A node, and how it is asked.
#[derive(Debug, Args)]
pub struct NodeArgs {
    /// The node's JSON-RPC endpoint, with the `debug` namespace
    #[arg(long, env = "TERN_RPC", hide_env_values = true, value_name = "URL", value_parser = parse_url)]
    pub rpc: Uri,
    /// Send this header with every request, such as "Authorization: Bearer …"; in the variable, one
    /// to a line
    #[arg(long = "header", env = "TERN_RPC_HEADERS", hide_env_values = true, value_name = "NAME: VALUE", value_delimiter = '\n', value_parser = parse_header)]
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// Chain of the node: mainnet, sepolia, holesky or hoodi, a genesis file in geth's form, or a
    /// fork that is active from genesis [default: by the node's chain id]
    #[arg(long, value_name = "NAME|FILE")]
    pub chain: Option<String>,
    /// Most seconds that an answer may take
    #[arg(long, value_name = "SECONDS", default_value = "300", value_parser = parse_seconds)]
    pub timeout: Duration,
    /// How often a request is sent again if there is no connection, or the server is busy
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(..=20))]
    pub retries: u32,
    /// Most MiB that an answer may have
    #[arg(long, value_name = "MIB", default_value_t = 1024, value_parser = clap::value_parser!(u64).range(1..=1 << 20))]
    pub max_size: u64,
}

/// Which block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockId {
    /// The newest.
    Latest,
    /// That with this number.
    Number(u64),
    /// That with this hash.
    Hash(Hash),
}

impl BlockId {
    /// As a parameter of JSON-RPC.
    pub fn to_json(self) -> Value {
        match self {
            Self::Latest => json!("latest"),
            Self::Number(number) => json!(format!("{number:#x}")),
            Self::Hash(hash) => json!(format!("0x{}", hex::encode(hash))),
        }
    }
}

impl std::fmt::Display for BlockId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Latest => f.write_str("latest"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Hash(hash) => write!(f, "0x{}", hex::encode(hash)),
        }
    }
}

/// Reads which block is meant.
pub fn parse_block_id(text: &str) -> Result<BlockId, String> {
    if text == "latest" {
        return Ok(BlockId::Latest);
    }
    let digits = text.strip_prefix("0x");
    if digits.is_some_and(|digits| digits.len() == 64) {
        return parse_hash(text).map(BlockId::Hash).ok_or_else(|| "not a hash: expected 0x and 64 hexadecimal digits".to_owned());
    }
    let number = digits.map_or_else(|| text.parse(), |digits| u64::from_str_radix(digits, 16));
    number.map(BlockId::Number).map_err(|_| "expected a block's number, its hash, or \"latest\"".to_owned())
}

fn parse_url(text: &str) -> Result<Uri, String> {
    let url: Uri = text.parse().map_err(|error| format!("{error}"))?;
    if !matches!(url.scheme_str(), Some("http" | "https")) || url.host().is_none_or(str::is_empty) {
        return Err("expected http://HOST:PORT or https://HOST/PATH".to_owned());
    }
    match url.authority() {
        Some(authority) if authority.as_str().contains('@') => Err("a name and password in the URL are not sent: use --header".to_owned()),
        _ => Ok(url),
    }
}

fn parse_header(text: &str) -> Result<(HeaderName, HeaderValue), String> {
    let (name, value) = text.split_once(':').ok_or("expected \"Name: value\"")?;
    let name = name.trim().parse().map_err(|_| "not a header's name")?;
    let mut value: HeaderValue = value.trim().parse().map_err(|_| "not a header's value")?;
    value.set_sensitive(true);
    Ok((name, value))
}

fn parse_seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "expected a number of seconds".to_owned())?;
    if (0.001..=86_400.0).contains(&seconds) {
        Ok(Duration::from_secs_f64(seconds))
    } else {
        Err("expected up to 86400 seconds".to_owned())
    }
}
