"""The tables of ``docs/http.md``: real requests and their answers.

Each module in ``sections`` gives one table: its ``SECTION`` says which project is served, what is asked, and the test
beside it compares the answers with the page. After a change of the requests or the answers

    UPDATE_HTTP_PAGE=1 scripts/test tests/http_page

writes the tables anew, between the two lines of the page that name them.
"""
