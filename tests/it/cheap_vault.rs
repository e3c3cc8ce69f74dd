//! A vault whose password costs nothing to try, for tests that open it many times: made by `init` with
//! [`crate::vault_folder::PASSWORD`], then its key was encrypted anew with N = 2. What `init` makes is
//! tested where it is compared with `restic`.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use std::path::Path;

const KEY_NAME: &str = "fcfddf27dc0d055369d47a698acd294606b728f79c386456b0316218c399acb5";
const KEY: &str = concat!(
    r#"{"kdf":"scrypt","N":2,"r":8,"p":1,"data":"GPkEQUyTU34gM06fKYOOiRFsa+jPlaD1SPNA0hDmHoQXhMF8U"#,
    "cEutBGig08Qekuhc70Sb8idRiXXM+GgX9HzatHJOtM6Jg1i9gelL47+bPVJfKvv7h/b2orHB4b1J5tFOv0tXpV0RYsGSR",
    "rTc+Jro2Y5uMkEEgv90dQA2w/cV3hlGaT/BF1RGXEYH+BYNszvoXHAnZe2TE99cFWj0FH/TA==",
    r#"","salt":"Y2hlYXAuLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLi4uLg=="}"#,
);
const CONFIG: &str = concat!(
    "PgYteTGEnQUrPzHbeKmVeqmFtzdhhQuWKo1piJF8CG3PCnPFAPbsu3fUm/FEeUY+MoTd350sbCLDnvxSBtVqF1iInlcqL/",
    "Yo5XCftxDsQtxxHl5mwios6T0gT3YAFtxYuQdS34GstgyiDZEW+IGiJDTHjmOyOdNrrc2ZFL9oPnWbrmfO1JJAeyNOczSY",
    "OfjF3oLrTV+Sl0BMDY62WEnVP41kiRVM0Tv4p879B6ZseuMYwfUZSW6ubJcsAS2mXY3pvg/QmrHvolZl+jc7HO3FJ912H5",
    "Li02o9m62urmBUU6ef8QM0ligUK8uX2fa1YxOEQPtpaywiuY6+C2OTKsfKVt8NjSUqtQvDf7qORabxYvZaJPJFmn1rWY+3",
    "Qs/ne7dljhb3n48=",
);

/// Makes it in `folder`, which is not there yet.
pub fn make(folder: &Path) {
    for name in ["data", "index", "keys", "locks", "snapshots"] {
        std::fs::create_dir_all(folder.join(name)).unwrap();
    }
    let config = BASE64_STANDARD.decode(CONFIG).unwrap();
    std::fs::write(folder.join("config"), config).unwrap();
    std::fs::write(folder.join("keys").join(KEY_NAME), KEY).unwrap();
}
