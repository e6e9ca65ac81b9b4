"""The page of words that lies in every bundle."""

from backend.records.verdict.jws import parse

_TEXT = """\
培训证明 {number}
{demonstration_zh}
本压缩包供任何人离线核验，无需信任持有人、培训机构或本平台：

  record.jwt            已签名的证明（Open Badges 3.0，{algorithm}）
  record.tlog-proof     该证明已写入公开日志的证据（c2sp.org/tlog-proof@v1）
  checkpoint            上述证据所依据的日志签名
  status/*.jwt          撤销、暂停、取代三份状态名单（生成本包时的版本）
  status/*.tlog-proof   各名单已写入公开日志的证据

核验方法（不联网）：
  guanbiao verify {number}.zip --trust trust.json
trust.json 必须由您自己从可信渠道取得（例如 {address}/trust.json，并与公布的密钥指纹核对），
切勿使用随包附带的任何密钥。状态名单五分钟后即为旧版：结果会是 status-stale，
此时请联网打开 {address}/v/{code} ，或重新下载本压缩包。

----------------------------------------------------------------------

Completion record {number}
{demonstration_en}
Anyone can check this package offline, trusting neither the holder nor the training body nor us:

  record.jwt            the signed record (Open Badges 3.0, {algorithm})
  record.tlog-proof     proof that it is in the public log (c2sp.org/tlog-proof@v1)
  checkpoint            the signed tree head that the proof ends at
  status/*.jwt          lists of revoked, suspended and superseded records, as this was packed
  status/*.tlog-proof   proofs that those lists are in the public log

To check, with no network:
  guanbiao verify {number}.zip --trust trust.json
Get trust.json yourself, from a source you trust (for instance {address}/trust.json, compared with
the published fingerprints); never take a key from the package. The lists are old after five
minutes: the answer is then status-stale; open {address}/v/{code} or download the package again.
"""


def readme(number: str, code: str, jws: bytes, address: str, *, demonstration: bool) -> str:
    zh, en = "", ""
    if demonstration:
        zh = "【演示】本证明由演示签发方签发，没有任何效力。请改用 trust-demonstration.json。\n"
        en = "[DEMONSTRATION] No force whatsoever. Use trust-demonstration.json instead.\n"
    return _TEXT.format(
        number=number,
        code=code,
        algorithm=parse(jws).header.alg,
        address=address,
        demonstration_zh=zh,
        demonstration_en=en,
    )
