"""What a message looks like when it travels."""

import datetime
import re
import string
from email import message_from_bytes, policy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colibris.email import Attachment, EmailMessage
from colibris.email.smtp import SMTPBackend
from tests.email.servers import HOST, MailServer, find_problems

LINES = st.text(st.characters(exclude_categories=['Cs', 'Cc', 'Zl', 'Zp']), max_size=300)
TEXTS = st.text(st.characters(exclude_categories=['Cs'], exclude_characters='\r'), max_size=500)
IMAGE = Attachment('a.png', b'', cid='x')
UNKNOWN = 'application/octet-stream'
NAMES = st.text(st.characters(exclude_categories=['Cs', 'Cc', 'Zl', 'Zp']), max_size=80).map(str.strip).filter(bool)
TOKENS = st.text(string.printable[:94] + ' ' * 20, max_size=2000)


def compose(*args, **options):
    """The parsed form of a message; checks that a strict server would take it."""
    message = EmailMessage(*args, **{'to': 'to@example.com', **options}).seal('from@example.com')
    return parse(message.as_bytes())


def parse(data):
    assert find_problems(data) == []
    return message_from_bytes(data.replace(b'\r\n', b'\n'), policy=policy.default)


def shape(part):
    """The types of a part and of those in it."""
    kind = part.get_content_type()
    return (kind, *map(shape, part.iter_parts())) if part.is_multipart() else kind


@pytest.fixture
def mail_server():
    """A strict mail server that knows nothing of SMTPUTF8."""
    with MailServer(utf8=False) as server:
        yield server
        assert server.problems == []


@pytest.mark.parametrize('way', ['at once', 'through a strict server'])
async def test_everything_reads_back(way, mail_server):
    text, html = 'Grüße\n\n.\nFrom here: 日本語 ' + 'x' * 2000 + '\n', '<p>Ünï <img src="cid:logo.png">\n</p>'
    image, data = b'\x89PNG' + bytes(range(256)), bytes(range(256)) * 10
    message = EmailMessage(
        'Größe: 日本語 😀',
        text,
        html=html,
        to=['Zoë Müller <zoe@example.com>', '"Doe, John \\"J\\"" <john@example.com>', 'plain@example.com'],
        cc='李小龍 <lee@bücher.example>',
        bcc=['secret@example.com'],
        reply_to='Antwört <answer@example.com>',
        from_='Ñandú <nandu@example.com>',
        headers={'X-Größe'.replace('ö', 'oe').replace('ß', 'ss'): 'wéird', 'List-Unsubscribe': '<https://example.com>'},
    )
    message.embed('logo.png', image)
    message.attach('Übersicht №1 日本.pdf', data)
    sealed = message.seal()
    parsed = parse(sealed.as_bytes())
    if way == 'through a strict server':
        await SMTPBackend(HOST, port=mail_server.port).deliver(sealed)
        (arrived,) = mail_server.arrived
        parsed = parse(arrived.content)

    assert parsed['Subject'] == 'Größe: 日本語 😀'
    assert [(item.display_name, item.addr_spec) for item in parsed['To'].addresses] == [
        ('Zoë Müller', 'zoe@example.com'),
        ('Doe, John "J"', 'john@example.com'),
        ('', 'plain@example.com'),
    ]
    assert [(item.display_name, item.addr_spec) for item in parsed['Cc'].addresses] == [
        ('李小龍', 'lee@xn--bcher-kva.example')
    ]
    assert 'Bcc' not in parsed
    assert b'secret' not in sealed.as_bytes()
    assert message_from_bytes(sealed.as_bytes(with_bcc=True), policy=policy.default)['Bcc'] == 'secret@example.com'
    assert parsed['Reply-To'].addresses[0].display_name == 'Antwört'
    assert (parsed['From'].addresses[0].display_name, parsed['From'].addresses[0].domain) == ('Ñandú', 'example.com')
    assert parsed['X-Groesse'] == 'wéird'
    assert parsed['List-Unsubscribe'] == '<https://example.com>'
    assert parsed['Date'].datetime == sealed.date
    assert abs(datetime.datetime.now(datetime.UTC) - sealed.date) < datetime.timedelta(minutes=5)
    assert parsed['Message-ID'] == sealed.id
    assert sealed.id.endswith('@example.com>')
    assert shape(parsed) == (
        'multipart/mixed',
        ('multipart/alternative', 'text/plain', ('multipart/related', 'text/html', 'image/png')),
        'application/pdf',
    )
    assert parsed.get_body(['plain']).get_content() == text
    assert parsed.get_body(['html']).get_content() == html
    _, related = parsed.get_payload()[0].get_payload()
    picture = related.get_payload()[1]
    assert (picture['Content-ID'], picture.get_content()) == ('<logo.png>', image)
    (attachment,) = parsed.iter_attachments()
    assert (attachment.get_filename(), attachment.get_content()) == ('Übersicht №1 日本.pdf', data)
    assert attachment.get_content_disposition() == 'attachment'


@pytest.mark.parametrize(
    ('options', 'expected'),
    [
        ({'body': 'x'}, 'text/plain'),
        ({}, 'text/plain'),
        ({'html': '<p>'}, 'text/html'),
        ({'body': 'x', 'html': '<p>'}, ('multipart/alternative', 'text/plain', 'text/html')),
        ({'attachments': [('a.txt', b'')]}, ('multipart/mixed', 'text/plain', 'text/plain')),
        (
            {'html': 'x', 'attachments': [IMAGE]},
            ('multipart/related', 'text/html', 'image/png'),
        ),
        ({'attachments': [IMAGE]}, ('multipart/mixed', 'text/plain', 'image/png')),
        (
            {'attachments': [('a.eml', b'x', 'message/rfc822')]},
            ('multipart/mixed', 'text/plain', UNKNOWN),
        ),
        ({'attachments': [('a.tar.gz', b'')]}, ('multipart/mixed', 'text/plain', UNKNOWN)),
        ({'attachments': [('a.x', b'', 'text/csv')]}, ('multipart/mixed', 'text/plain', 'text/csv')),
    ],
)
def test_shapes(options, expected):
    assert shape(compose('subject', **options)) == expected


@settings(max_examples=100, deadline=None)
@given(LINES, TEXTS, TEXTS)
def test_any_text(subject, body, html):
    parsed = compose(subject, body + '.', html=html, headers={'X-Text': subject})
    assert parsed['Subject'] == subject
    assert parsed['X-Text'] == subject
    assert parsed.get_body(['plain']).get_content() == body + '.'
    assert parsed.get_body(['html']).get_content() == html


@settings(max_examples=100, deadline=None)
@given(TOKENS)
def test_any_ascii_header(value):
    assert compose(headers={'X-Value': value})['X-Value'] == value


@settings(max_examples=100, deadline=None)
@given(NAMES, st.binary(max_size=300))
def test_any_attachment(name, data):
    (attachment,) = compose(attachments=[(name, data, 'application/x')]).iter_attachments()
    assert attachment.get_content() == data
    assert attachment.get_filename() == name


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(exclude_categories=['Cs', 'Cc', 'Zl', 'Zp', 'Zs'], exclude_characters='<>'), max_size=10))
def test_any_name(name):
    parsed = compose(to=f'{name} <to@example.com>')
    (found,) = parsed['To'].addresses
    quoted = re.fullmatch('"(.*)"', name)
    shown = re.sub(r'\\(.)', r'\1', quoted[1]) if quoted else name
    assert (found.display_name, found.addr_spec) == (shown, 'to@example.com')


@pytest.mark.parametrize(
    'name', ['long name ' * 30 + 'x', 'Ж' * 80, '李 小龍 ' * 20 + '龍', 'x' * 500, 'a, b; "c" (d) @e']
)
def test_long_names_are_encoded_correctly(name):
    from email.header import decode_header, make_header

    data = EmailMessage(to=[f'{name} <to@example.com>', 'b@example.com']).seal('from@example.com').as_bytes()
    assert find_problems(data) == []
    header = message_from_bytes(data, policy=policy.compat32)['To']
    written = header.partition('<')[0].replace('\r\n', '').strip()
    decoded = str(make_header(decode_header(written))) if '=?' in written else written.strip('"').replace('\\"', '"')
    assert decoded == name
    assert header.endswith('<to@example.com>,\r\n b@example.com')


@pytest.mark.parametrize(
    'value',
    [
        '<https://example.com/unsubscribe?token=' + 'abcdef0123456789' * 8 + '>',
        ' '.join(f'<{number}@{"x" * 60}>' for number in range(9)),
    ],
)
def test_long_words_of_headers_stay_as_they_are(value):
    data = EmailMessage(to='a@b.c', headers={'X-Value': value}).seal('from@example.com').as_bytes()
    assert b'=?' not in data
    assert b'X-Value: <' in data


@pytest.mark.parametrize('subject', ['=?utf-8?q?not_this?=', ' spaces  around ', '\tx', '', ' ', 'a' * 2000])
def test_odd_subjects(subject):
    assert compose(subject)['Subject'] == subject


def test_local_parts_in_other_scripts():
    data = EmailMessage('ü', to='Zoë <用户@例え.jp>').seal('from@example.com').as_bytes()
    assert find_problems(data, is_utf8=True) == []
    assert '<用户@xn--r8jz45g.jp>'.encode() in data


def test_broken_characters_are_replaced_in_texts():
    parsed = compose('', 'half \ud800', html='<p>\ud800')
    assert parsed.get_body(['plain']).get_content() == 'half ?'
    assert parsed.get_body(['html']).get_content() == '<p>?'


def test_line_ends_are_unified():
    assert compose('', 'a\r\nb\rc\nd').get_content() == 'a\nb\nc\nd'
