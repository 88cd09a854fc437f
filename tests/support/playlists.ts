/**
 * Playlists as they are found in the wild, one of each kind.
 *
 * @module
 */

/** Each by what it shows. */
export const PLAYLISTS: Readonly<Record<string, string>> = {
  master: `#EXTM3U
#EXT-X-VERSION:6
## Made by a packager
#EXT-X-INDEPENDENT-SEGMENTS

#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="aud1",LANGUAGE="eng",NAME="English, stereo",AUTOSELECT=YES,DEFAULT=YES,CHANNELS="2",URI="a1/prog_index.m3u8"
#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="sub1",LANGUAGE="eng",NAME="English",FORCED=NO,URI="s1/en/prog_index.m3u8"
#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID="cc1",LANGUAGE="eng",NAME="English",INSTREAM-ID="CC1"
#EXT-X-I-FRAME-STREAM-INF:AVERAGE-BANDWIDTH=183689,BANDWIDTH=187492,CODECS="avc1.64002a",RESOLUTION=1920x1080,URI="v7/iframe_index.m3u8"
#EXT-X-STREAM-INF:AVERAGE-BANDWIDTH=2168183,BANDWIDTH=2177116,CODECS="avc1.640020,mp4a.40.2",RESOLUTION=960x540,FRAME-RATE=60.000,CLOSED-CAPTIONS="cc1",AUDIO="aud1",SUBTITLES="sub1"
v5/prog_index.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=7968416,CODECS="avc1.64002a,mp4a.40.2",RESOLUTION=1920x1080,AUDIO="aud1",SUBTITLES="sub1"
https://cdn.example/v9/prog_index.m3u8?hdnts=exp=1~acl=/*~hmac=0a
`.replaceAll("\n", "\r\n"),

  encrypted: `#EXTM3U
#EXT-X-VERSION:5
#EXT-X-TARGETDURATION:10
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-KEY:METHOD=AES-128,URI="https://keys.example/52?id=1,2",IV=0x9c7db8778570d05c3177c349fd9236aa
#EXTINF:9.009,
https://media.example/first.ts
#EXT-X-DISCONTINUITY
#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://twelve",KEYFORMAT="com.apple.streamingkeydelivery",KEYFORMATVERSIONS="1"
#EXT-X-KEY:METHOD=SAMPLE-AES-CTR,KEYFORMAT="urn:uuid:edef8ba9-79d6-4ace-a3c8-27dcd51d21ed",URI="data:text/plain;base64,AAAAOHBzc2g="
#EXTINF:3.003,A title, with a comma
second.ts
#EXT-X-ENDLIST`,

  "byte ranges": `#EXTM3U
#EXT-X-TARGETDURATION:6
#EXT-X-VERSION:7
#EXT-X-MAP:URI="main.mp4",BYTERANGE="719@0"
#EXTINF:6.00000,
#EXT-X-BYTERANGE:1508000@719
main.mp4
#EXTINF:6.00000,
#EXT-X-BYTERANGE:1510244
main.mp4
#EXT-X-ENDLIST
`,

  "low latency": `#EXTM3U
#EXT-X-TARGETDURATION:4
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1.0,CAN-SKIP-UNTIL=12.0
#EXT-X-PART-INF:PART-TARGET=0.33334
#EXT-X-MEDIA-SEQUENCE:266
#EXT-X-SKIP:SKIPPED-SEGMENTS=3
#EXT-X-PROGRAM-DATE-TIME:2026-03-14T19:30:00.000Z
#EXT-X-MAP:URI="init.mp4"
#EXT-X-PART:DURATION=0.33334,URI="filePart271.0.mp4"
#EXT-X-PART:DURATION=0.33334,URI="filePart271.1.mp4",INDEPENDENT=YES
#EXTINF:4.00008,
fileSequence271.mp4
#EXT-X-PART:DURATION=0.33334,URI="file272.mp4",BYTERANGE="20000@2000"
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="filePart273.4.mp4"
#EXT-X-RENDITION-REPORT:URI="../1M/waitForMSN.php",LAST-MSN=273,LAST-PART=2
#EXT-X-RENDITION-REPORT:URI="//cdn.example/4M/waitForMSN.php",LAST-MSN=273,LAST-PART=1
`,

  steered: `#EXTM3U
#EXT-X-DEFINE:NAME="auth",VALUE="hdnts=a,b"
#EXT-X-DEFINE:NAME="cdn",VALUE="https://cdn.example/7"
#EXT-X-CONTENT-STEERING:SERVER-URI="/steer?video=7",PATHWAY-ID="a"
#EXT-X-SESSION-DATA:DATA-ID="com.example.lyrics",URI="lyrics.json"
#EXT-X-SESSION-KEY:METHOD=AES-128,URI="{$cdn}/key"
#EXT-X-STREAM-INF:BANDWIDTH=1280000,PATHWAY-ID="a"
{$cdn}/hi.m3u8?{$auth}
`,

  interstitials: `#EXTM3U
#EXT-X-TARGETDURATION:6
#EXT-X-DATERANGE:ID="ad1",CLASS="com.apple.hls.interstitial",START-DATE="2026-03-14T19:30:00Z",DURATION=15.0,X-ASSET-URI="http://ads.example/ad1.m3u8",X-RESTRICT="SKIP,JUMP"
#EXT-X-DATERANGE:ID="ad2",CLASS="com.apple.hls.interstitial",START-DATE="2026-03-14T19:40:00Z",X-ASSET-LIST="http://ads.example/list.json"
#EXT-X-GAP
#EXTINF:6,
0.ts
`,

  "made by hand": `#EXTM3U
#EXT-X-KEY:METHOD=AES-128,URI=key.bin
#EXTINF:-1 tvg-id="one" tvg-logo="http://tuner.example/logo.png" group-title="News",One
http://tuner.example:5004/auto/v1
#EXTVLCOPT:http-referrer=http://tuner.example/
#EXTINF:-1,Two
auto/v2
`,
};
