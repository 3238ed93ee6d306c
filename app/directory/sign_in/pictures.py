"""The picture that a phone scans."""

import segno


def qr_picture(address: str) -> str:
    """A QR code as a data address: the policy of the pages allows pictures of that kind, and the secret gets no URL."""
    return str(segno.make(address, error="m", micro=False).svg_data_uri(border=3, scale=4, light="#fff"))
