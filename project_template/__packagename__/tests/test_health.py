from colibris import persist


async def test_health_check_healthy(web_app_client):
    response = await web_app_client.get('/health')
    assert response.status == 200
    assert await response.json() == 'healthy'


async def test_health_check_db_down(web_app_client):
    persist.get_database().drop()

    response = await web_app_client.get('/health')
    assert response.status == 500
    assert (await response.json())['code'] == 'unhealthy'
