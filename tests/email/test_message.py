"""Messages as applications write them."""

import json
import traceback

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from colibris.email import Attachment, EmailMessage, InvalidMessage
from colibris.email.mailbox import Mailbox

BREAKS = ['\n', '\r', '\r\n', '\0', '\x0b', '\x0c', '\x85', '\u2028', '\u2029', '\x1b', '\x7f', '\ud800']


@pytest.mark.parametrize('char', BREAKS)
@pytest.mark.parametrize(
    'make',
    [
        lambda text: EmailMessage(subject=text),
        lambda text: EmailMessage(to=f'{text} <a@example.com>'),
        lambda text: EmailMessage(to=f'a@example.com{text}'),
        lambda text: EmailMessage(cc=[f'a@{text}example.com']),
        lambda text: EmailMessage(bcc=[f'{text}@example.com']),
        lambda text: EmailMessage(reply_to=f'{text}<a@example.com>'),
        lambda text: EmailMessage(from_=f'"{text}" <a@example.com>'),
        lambda text: EmailMessage(headers={'X-Text': text}),
        lambda text: EmailMessage(headers={text: 'value'}),
        lambda text: EmailMessage().attach(text, b''),
        lambda text: EmailMessage().attach('a', b'', type=f'text/{text}'),
        lambda text: EmailMessage().embed('a', b'', cid=text),
    ],
)
def test_headers_cannot_be_injected(make, char):
    with pytest.raises(InvalidMessage):
        make(f'before{char}Bcc: victim@example.com')


@pytest.mark.parametrize('field', ['subject', 'to', 'from_', 'id', 'headers'])
def test_headers_cannot_be_injected_later(field):
    message = EmailMessage('subject', to='a@example.com', from_='b@example.com')
    if field == 'headers':
        message.headers['X-Text'] = 'a\nb'
    else:
        setattr(message, field, 'a\nBcc: victim@example.com')
    with pytest.raises(InvalidMessage):
        message.seal()
    with pytest.raises(InvalidMessage):
        message.as_bytes()


@pytest.mark.parametrize('id_', ['x', '<x>', '<a b@c>', '<a@b>\n', '<a@b> <c@d>', '<ä@b>\u2028'])
def test_no_ids(id_):
    message = EmailMessage('subject', to='a@example.com', from_='b@example.com')
    message.id = id_
    with pytest.raises(InvalidMessage, match='the id has to look like'):
        message.seal()


@pytest.mark.parametrize(
    'text',
    [
        '', ' ', 'nobody', '@example.com', 'a@', 'a b@example.com', 'a@b c.com', 'a@@b.com', 'a@-b.com', 'a@b-.com',
        'a@b..com', 'a@.com', 'a@b.com.', '<a@b.com', 'a@b.com>', '<>', 'x <>', 'a@b.com, c@d.com', 'a@b.com c@d.com',
        '<a@b.com> x', '<a@b.com> <c@d.com>', 'a@b.com;c@d.com', 'a(comment)@b.com', 'a@[127.0.0.1]',
        f'{"x" * 65}@b.com',
        f'a@{"x" * 64}.com', f'a@{"b." * 130}com', 'a@☃☃\u200b\u202e.com', 'a"b"@c.com', 'a:b@c.com', 'a\\@b.com',
    ],
)  # fmt: skip
def test_no_addresses(text):
    with pytest.raises(InvalidMessage, match=r'^to: .* is no address; it has to look like'):
        EmailMessage(to=[text])


@pytest.mark.parametrize(
    ('text', 'name', 'address'),
    [
        ('a@example.com', '', 'a@example.com'),
        (' a@example.com ', '', 'a@example.com'),
        ('<a@example.com>', '', 'a@example.com'),
        ('Ada <a@example.com>', 'Ada', 'a@example.com'),
        ('Ada<a@example.com>', 'Ada', 'a@example.com'),
        ('Lovelace, Ada <a@example.com>', 'Lovelace, Ada', 'a@example.com'),
        ('"Lovelace, \\"Ada\\"" <a@example.com>', 'Lovelace, "Ada"', 'a@example.com'),
        ("o'neil+tag.x_y-z=1@sub.example.co", '', "o'neil+tag.x_y-z=1@sub.example.co"),
        ('a@localhost', '', 'a@localhost'),
        ('a@straße.de', '', 'a@xn--strae-oqa.de'),
        ('a@BÜCHER.example', '', 'a@xn--bcher-kva.example'),
        ('用户@example.com', '', '用户@example.com'),
    ],
)
def test_addresses(text, name, address):
    box = Mailbox.parse(text, 'to')
    assert (box.name, box.address) == (name, address)


@given(st.text())
@example('a@b.c\u2028')
def test_whatever_is_given_as_an_address(text):
    try:
        box = Mailbox.parse(text, 'to')
    except InvalidMessage:
        return
    assert box.domain.isascii()
    assert not set(box.address) & set(' <>,;:"()[]\\\r\n\t')


@pytest.mark.parametrize(
    ('options', 'problem'),
    [
        ({'subject': None}, 'subject must be a text, not NoneType'),
        ({'body': b'x'}, 'body must be a text, not bytes'),
        ({'html': 5}, 'html must be a text, not int'),
        ({'to': [5]}, 'to must be a text, not int'),
        ({'headers': {'X': 1}}, 'the header X must be a text, not int'),
        ({'headers': {'Subject': 'x'}}, 'the header Subject is made from the arguments of the message'),
        ({'headers': {'bcc': 'x'}}, 'the header bcc is made from'),
        ({'headers': {'X Y': 'x'}}, "'X Y' is no name of a header"),
        ({'headers': {'X:': 'x'}}, "'X:' is no name of a header"),
        ({'headers': {'': 'x'}}, "'' is no name of a header"),
        ({'headers': {'Ü': 'x'}}, "'Ü' is no name of a header"),
        ({'to': None}, 'to must be an address, or several, not None'),
        ({'from_': ['a@b.c', 'd@e.f']}, 'from_ must be a text, not list'),
        ({'attachments': ['a.txt']}, 'an attachment must be an Attachment, or a tuple'),
        ({'attachments': [('a.txt',)]}, 'an attachment must be an Attachment, or a tuple'),
        ({'attachments': [('a', 'text')]}, "the data of 'a' must be bytes, not str"),
        ({'attachments': [('', b'')]}, 'an attachment has no name'),
        ({'attachments': [('a', b'', 'nonsense')]}, "the type of 'a', 'nonsense', has to look like 'image/png'"),
    ],
)
def test_wrong_arguments(options, problem):
    with pytest.raises(InvalidMessage, match=f'^{problem}'):
        EmailMessage(**options)


def test_one_address_or_several():
    message = EmailMessage(to='a@example.com', cc=('b@example.com', 'A <a@example.com>'), bcc={'c@example.com'})
    assert message.to == ['a@example.com']
    assert message.recipients == ['a@example.com', 'b@example.com', 'c@example.com']


def test_attachments():
    message = EmailMessage(attachments=[('a.txt', b'1'), ('b', b'2', 'image/gif'), Attachment('c.pdf', b'3')])
    message.attach('d.json', bytearray(b'4'), type='text/plain')
    assert message.embed('e.png', memoryview(b'5')) == 'e.png'
    assert message.embed('ü.png', b'6', cid='six') == 'six'
    assert [(item.name, item.type, item.cid) for item in message.attachments] == [
        ('a.txt', 'text/plain', ''),
        ('b', 'image/gif', ''),
        ('c.pdf', 'application/pdf', ''),
        ('d.json', 'text/plain', ''),
        ('e.png', 'image/png', 'e.png'),
        ('ü.png', 'image/png', 'six'),
    ]
    assert b''.join(item.data for item in message.attachments) == b'123456'


def test_sealed_copy_is_independent():
    message = EmailMessage('one', 'body', to=['a@example.com'], headers={'X': '1'})
    sealed = message.seal('default@example.com')
    message.subject, message.to[0], message.headers['X'] = 'two', 'b@example.com', '2'
    message.attach('x', b'')
    assert (sealed.subject, sealed.to, sealed.headers, sealed.attachments) == ('one', ['a@example.com'], {'X': '1'}, [])
    assert (sealed.from_, message.from_, message.id) == ('default@example.com', None, '')
    assert message.seal('x@example.com').id != sealed.id
    assert sealed.seal().id == sealed.id


def test_sender():
    assert EmailMessage(to='a@b.c', from_='Own <own@b.c>').seal('default@b.c').sender == 'own@b.c'
    with pytest.raises(InvalidMessage, match=r"no sender: give it from_, or set EMAIL\['default_from'\]"):
        EmailMessage(to='a@b.c').seal()
    with pytest.raises(InvalidMessage, match='no recipients'):
        EmailMessage(from_='a@b.c').seal()


def test_plain_data():
    message = EmailMessage('ü', 'body', html='<p>', to='a@b.c', bcc=['d@e.f'], headers={'X': 'ü'}, from_='x@y.z')
    message.attach('ä.bin', bytes(range(256)))
    message.embed('logo.png', b'\x89')
    sealed = message.seal()
    copy = EmailMessage.from_dict(json.loads(json.dumps(sealed.to_dict())))
    assert vars(copy) == vars(sealed)
    assert vars(EmailMessage.from_dict(message.to_dict())) == vars(message)


def test_texts_do_not_show():
    message = EmailMessage('code 4711', 'code 4711', to='a@b.c', attachments=[('a', b'4711')])
    assert '4711' not in repr(message) + repr(message.attachments)
    with pytest.raises(InvalidMessage) as caught:
        EmailMessage('code 4711\n')
    assert '4711' not in str(caught.value)
    assert '4711' not in repr(message.seal('x@y.z'))
    with pytest.raises(InvalidMessage) as caught:
        message.seal()
    assert '4711' not in ''.join(traceback.format_exception_only(caught.value))
