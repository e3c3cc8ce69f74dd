//! Colours as CSS and old HTML write them.

/// Red, green, blue.
pub type Rgb = [u8; 3];

const NAMES: &[(&str, u32)] = &[
    ("aqua", 0x00_FFFF),
    ("black", 0),
    ("blue", 0x00_00FF),
    ("brown", 0xA5_2A2A),
    ("cyan", 0x00_FFFF),
    ("darkblue", 0x00_008B),
    ("darkgreen", 0x00_6400),
    ("darkred", 0x8B_0000),
    ("fuchsia", 0xFF_00FF),
    ("gold", 0xFF_D700),
    ("gray", 0x80_8080),
    ("green", 0x00_8000),
    ("grey", 0x80_8080),
    ("lightblue", 0xAD_D8E6),
    ("lightgreen", 0x90_EE90),
    ("lightgrey", 0xD3_D3D3),
    ("lime", 0x00_FF00),
    ("magenta", 0xFF_00FF),
    ("maroon", 0x80_0000),
    ("navy", 0x00_0080),
    ("olive", 0x80_8000),
    ("orange", 0xFF_A500),
    ("pink", 0xFF_C0CB),
    ("purple", 0x80_0080),
    ("red", 0xFF_0000),
    ("silver", 0xC0_C0C0),
    ("teal", 0x00_8080),
    ("violet", 0xEE_82EE),
    ("white", 0xFF_FFFF),
    ("yellow", 0xFF_FF00),
];

/// None for colours that are transparent, relative or unknown.
#[must_use]
pub fn parse_colour(value: &str) -> Option<Rgb> {
    let value = value.trim().to_ascii_lowercase();
    if let Some(hex) = value.strip_prefix('#') {
        return from_hex(hex);
    }
    if let Some(list) = value.strip_prefix("rgb").map(|v| v.trim_start_matches('a')) {
        let list = list.trim().strip_prefix('(')?.strip_suffix(')')?;
        let mut parts = list
            .split([',', ' ', '/'])
            .filter(|p| !p.is_empty())
            .map(|p| p.trim().parse::<f32>().ok());
        let mut next = || Some(parts.next()??.clamp(0.0, 255.0) as u8);
        let rgb = [next()?, next()?, next()?];
        return (parts.next() != Some(Some(0.0))).then_some(rgb);
    }
    let found = NAMES.iter().find(|(name, _)| *name == value)?;
    Some(bytes(found.1))
}

fn from_hex(hex: &str) -> Option<Rgb> {
    if !hex.is_ascii() {
        return None;
    }
    let n = u32::from_str_radix(hex, 16).ok()?;
    match hex.len() {
        8 => Some(bytes(n >> 8)),
        6 => Some(bytes(n)),
        3 => Some([n >> 8, n >> 4, n].map(|d| (d & 15) as u8 * 17)),
        _ => None,
    }
}

fn bytes(n: u32) -> Rgb {
    [(n >> 16) as u8, (n >> 8) as u8, n as u8]
}
